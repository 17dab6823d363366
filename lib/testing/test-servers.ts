import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Binaries, embeddedBinaries, systemBinaries } from '#lib/ops/postgres/binaries.ts'
import type { ClusterPlan } from '#lib/ops/postgres/cluster.ts'
import { chooseConfinement } from '#lib/ops/postgres/confinement.ts'
import { type ServerName, databaseOf } from '#lib/ops/postgres/embedded-servers.ts'
import { dataSettings, keystoreSettings } from '#lib/ops/postgres/settings.ts'

/** Where the operating system's PostgreSQL 15 is, on Debian. */
export const debian15 = '/usr/lib/postgresql/15/bin'

/** How a login reaches a test server: `%LOGIN%`, `%PASSWORD%` and `%DATABASE%` are put in by the caller. */
export type TestServer = { plan: ClusterPlan; urlPattern: string }

const gibibyte = 1024 ** 3

/** Makes a certificate authority and a certificate for localhost, so that clients can ask for verify-full. */
export const makeCertificates = (
  directory: string,
): { authority: string; certificate: string; key: string } => {
  const file = (name: string): string => path.join(directory, name)
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { stdio: 'ignore', cwd: directory })
  }
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Vigil test authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  )
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    'server.pem',
  )
  chmodSync(file('server.key'), 0o600)
  return { authority: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

const basePlan = (root: string, name: ServerName, binaries: Binaries): Omit<ClusterPlan, 'port'> => ({
  name,
  dataDirectory: path.join(root, name),
  socketDirectory: path.join(root, 'sockets'),
  superuser: 'vigil_superuser',
  password: randomBytes(24).toString('base64url'),
  logFile: path.join(root, `${name}.log`),
  binaries,
  confinement: chooseConfinement(root, binaries),
  settings: {
    ...(name === 'data' ? dataSettings(8 * gibibyte) : keystoreSettings()),
    max_connections: '300',
    // Only here: a test server's data is thrown away, so it need not survive a power cut.
    fsync: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
  },
})

const overSocket = (root: string, name: ServerName, port: number, binaries: Binaries): TestServer => ({
  plan: { ...basePlan(root, name, binaries), port },
  urlPattern: `postgresql://%LOGIN%:%PASSWORD%@localhost/%DATABASE%?host=${encodeURIComponent(path.join(root, 'sockets'))}&port=${port}`,
})

const overTls = async (root: string, name: ServerName, binaries: Binaries): Promise<TestServer> => {
  const files = makeCertificates(root)
  const port = await freePort()
  const base = basePlan(root, name, binaries)
  return {
    plan: {
      ...base,
      port,
      settings: {
        ...base.settings,
        listen_addresses: '127.0.0.1',
        ssl: 'on',
        ssl_cert_file: files.certificate,
        ssl_key_file: files.key,
        ssl_min_protocol_version: 'TLSv1.2',
      },
      hostRules: ['hostssl all all 127.0.0.1/32 scram-sha-256'],
    },
    urlPattern: `postgresql://%LOGIN%:%PASSWORD%@localhost:${port}/%DATABASE%?sslmode=verify-full&sslrootcert=${encodeURIComponent(files.authority)}`,
  }
}

/**
 * Plans of the servers that the database tests run on, in a directory of their own: the embedded Postgres over unix
 * sockets, or with VIGIL_TEST_POSTGRES=debian15 Debian's PostgreSQL 15 over TLS on the loopback.
 */
export async function planTestServers(): Promise<{ root: string; servers: Record<ServerName, TestServer> }> {
  const root = mkdtempSync(path.join(tmpdir(), 'vigil-test-'))
  mkdirSync(path.join(root, 'sockets'), { mode: 0o700 })
  if (process.env['VIGIL_TEST_POSTGRES'] === 'debian15') {
    if (!existsSync(debian15)) throw new Error(`PostgreSQL 15 is not installed in ${debian15}`)
    const binaries = systemBinaries(debian15)
    const data = await overTls(root, 'data', binaries)
    const keystore = await overTls(root, 'keystore', binaries)
    return { root, servers: { data, keystore } }
  }
  const binaries = embeddedBinaries()
  return {
    root,
    servers: {
      data: overSocket(root, 'data', 5432, binaries),
      keystore: overSocket(root, 'keystore', 5433, binaries),
    },
  }
}

/** Address of a database on a test server for one login. */
export const testUrl = (
  server: Pick<TestServer, 'urlPattern'>,
  login: string,
  password: string,
  database: string,
): string =>
  server.urlPattern
    .replace('%LOGIN%', encodeURIComponent(login))
    .replace('%PASSWORD%', encodeURIComponent(password))
    .replace('%DATABASE%', encodeURIComponent(database))

/** Names of the migrated databases that every test database is copied from. */
export const templates: Record<ServerName, string> = {
  data: databaseOf('data'),
  keystore: databaseOf('keystore'),
}
