/**
 * Who may import whom. docs/ARCHITECTURE.md says it in words; this file decides.
 * `npm run layers` also asserts that the cruise saw the whole tree (bin/layers.ts): a cruiser that cannot read the
 * TypeScript version reports no modules, no violations, and success.
 */
const audiences = 'account|patient|care|billing|admin|compliance'
const testCode = '[.]test[.]tsx?$|^lib/testing/|^e2e/|^bench/'
const pure = '^lib/(crypto|policy|merkle|watch)/'

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { pathNot: '^lib/db/generated/' }, to: { circular: true } },
    {
      name: 'prisma-stays-in-db',
      comment:
        'A second Prisma client would be a second way to a record. The door (lib/phi) may name the generated types.',
      severity: 'error',
      from: { pathNot: `^lib/(db|phi)/|^prisma/|^prisma[.]config[.]ts$|${testCode}` },
      to: { path: '^lib/db/generated/|node_modules/@prisma/' },
    },
    {
      name: 'pg-stays-in-db',
      comment:
        'A connection opened elsewhere would not be handed back clean. The key store has a pool of its own.',
      severity: 'error',
      from: { pathNot: `^lib/(db|keys|ops)/|${testCode}` },
      to: { path: 'node_modules/(@types/)?pg/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'few-open-the-database',
      severity: 'error',
      from: {
        path: '^(app|components|lib|bin)/',
        pathNot: `^lib/(db|phi|audit|auth|accounts|keys|ops)/|${testCode}`,
      },
      to: { path: '^lib/db/' },
    },
    {
      name: 'pages-see-no-plumbing',
      comment: 'A page asks lib/records, lib/oversight or lib/accounts; those go through the door.',
      severity: 'error',
      from: { path: '^(app|components)/', pathNot: testCode },
      to: { path: '^lib/(db|phi|crypto|keys|audit|ops)/' },
    },
    {
      name: 'components-take-views',
      comment: 'A component draws what it is given: it can fetch nothing.',
      severity: 'error',
      from: { path: '^components/', pathNot: testCode },
      to: { path: '^(lib|app)/', pathNot: '/view[.]ts$|^lib/(paths|format|clinic)[.]ts$' },
    },
    {
      name: 'views-only-as-types',
      severity: 'error',
      from: { path: '^components/', pathNot: testCode },
      to: { path: '/view[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'lib-knows-no-pages',
      severity: 'error',
      from: { path: '^lib/', pathNot: testCode },
      to: { path: '^(app|components|bin)/' },
    },
    {
      name: 'pure-stays-pure',
      comment:
        'Crypto, policy and the Merkle tree can be read, tested and reviewed without the rest of the product.',
      severity: 'error',
      from: { path: pure, pathNot: testCode },
      to: { pathNot: `${pure}|node_modules/zod/`, dependencyTypesNot: ['core'] },
    },
    {
      name: 'crypto-stands-alone',
      comment: 'lib/crypto is a package of its own (npm run pack-crypto): node:crypto and nothing else.',
      severity: 'error',
      from: { path: '^lib/crypto/', pathNot: testCode },
      to: { pathNot: '^lib/crypto/|^(node:)?crypto$' },
    },
    {
      name: 'next-only-at-the-edge',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/auth/|${testCode}` },
      to: { path: 'node_modules/next/' },
    },
    {
      name: 'db-knows-nobody',
      severity: 'error',
      from: { path: '^lib/db/', pathNot: testCode },
      to: { path: '^lib/(phi|keys|audit|auth|accounts|records|oversight|ops)/' },
    },
    {
      name: 'keys-know-no-records',
      severity: 'error',
      from: { path: '^lib/keys/', pathNot: testCode },
      to: { path: '^lib/(phi|audit|auth|accounts|records|oversight|ops)/' },
    },
    {
      name: 'audit-knows-no-records',
      severity: 'error',
      from: { path: '^lib/audit/', pathNot: testCode },
      to: { path: '^lib/(phi|keys|auth|accounts|records|oversight|ops)/' },
    },
    {
      name: 'the-door-knows-no-callers',
      severity: 'error',
      from: { path: '^lib/phi/', pathNot: testCode },
      to: { path: '^lib/(auth|accounts|records|oversight|ops)/' },
    },
    {
      name: 'auth-knows-no-records',
      severity: 'error',
      from: { path: '^lib/auth/', pathNot: testCode },
      to: { path: '^lib/(records|oversight|ops)/' },
    },
    {
      name: 'records-go-through-the-door',
      severity: 'error',
      from: { path: '^lib/(records|oversight)/', pathNot: testCode },
      to: { path: '^lib/(db|keys|crypto|ops)/' },
    },
    {
      name: 'ops-is-for-operators',
      comment: 'Only the command line, the start-up checks and tests run operations.',
      severity: 'error',
      from: { path: '^(app|components|lib)/', pathNot: `^lib/ops/|${testCode}` },
      to: { path: '^lib/ops/' },
    },
    {
      name: 'audiences-do-not-mix',
      severity: 'error',
      from: { path: `^app/[(](${audiences})[)]/`, pathNot: testCode },
      to: { path: `^app/[(](${audiences})[)]/`, pathNot: '^app/[(]$1[)]/' },
    },
    {
      name: 'records-do-not-mix',
      severity: 'error',
      from: { path: '^lib/records/([^/]+)/', pathNot: testCode },
      to: { path: '^lib/records/', pathNot: '^lib/records/($1|shared)/' },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: { pathNot: `${testCode}|^(playwright|vitest)[.]config[.]ts$|^bin/(bench|test|check)[.]ts$` },
      to: { path: testCode },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: { pathNot: '^lib/db/generated/' },
      to: { couldNotResolve: true },
    },
  ],
  required: [
    {
      name: 'server-only-marker',
      comment:
        'Start the file with: import "server-only". Then a client component that reaches it breaks the build.',
      severity: 'error',
      module: {
        path: '^lib/(db|phi|keys|auth|audit|accounts|records|oversight|ops)/.*[.]tsx?$',
        pathNot: `/(view|input|types)[.]ts$|generated|${testCode}`,
      },
      to: { path: 'server-only' },
    },
    {
      name: 'every-door-asks-who',
      comment: 'Import requireActor: a layout does not protect the page below it.',
      severity: 'error',
      module: { path: `^app/[(](${audiences})[)]/.*(page|route|actions)[.]tsx?$` },
      to: { path: '^lib/auth/require-actor[.]ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.next|\\.vigil|\\.bench)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['react-server', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
    },
  },
}
