import { join } from 'node:path'

/** The home, port and address of the product that the browser tests start: never the developer's own `.vigil`. */
export const productHome = join(process.cwd(), '.vigil', 'browser-tests')
export const productPort = Number(process.env['VIGIL_TEST_PORT'] ?? 3900)
export const productUrl = process.env['VIGIL_TEST_URL'] ?? `http://localhost:${productPort}`

/** The identity provider of the tests: its address is in the product's settings, and it runs while a test of it does. */
export const providerPort = productPort + 70
export const providerSettings = {
  OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
  OIDC_CLIENT_ID: 'vigil',
  OIDC_CLIENT_SECRET: 'secret-of-the-browser-tests-and-of-nothing-else',
  OIDC_SCOPE: 'openid email groups',
  OIDC_ROLE_CLAIM: 'groups',
} as const
