/**
 * How Next builds and serves Vigil. Security headers of pages and routes are set in proxy.ts, because they carry a fresh nonce on every answer.
 *
 * @type {import('next').NextConfig}
 */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // `next dev` would otherwise write instructions for assistants into the repository.
  agentRules: false,
  // Next keeps left routes in the page under cache components: a chart that was left must be gone from the document (docs/threat-model.md).
  cacheComponents: false,
  typedRoutes: false,
  productionBrowserSourceMaps: false,
  // Types are a check of their own (npm run types, in npm test): whoever only starts the product need not wait for it, and tests
  // that do not compile cannot keep a clinic from starting.
  typescript: { ignoreBuildErrors: true },
  // No picture is ever decoded or resized by the web process.
  images: { unoptimized: true },
  // Native or connection-holding modules are required at run time and never bundled.
  serverExternalPackages: [
    'pg',
    '@node-rs/argon2',
    '@prisma/client',
    '@prisma/adapter-pg',
    'pdfkit',
    'rate-limiter-flexible',
  ],
  // The build's files pass by proxy.ts: a policy for pages means nothing on a script, and would make a tenth of what a telephone loads.
  headers: async () => [
    {
      source: '/_next/static/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
      ],
    },
  ],
  experimental: {
    // forbidden() answers 403 with app/forbidden.tsx.
    authInterrupts: true,
  },
}

export default config
