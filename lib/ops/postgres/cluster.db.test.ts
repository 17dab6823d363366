import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processIdentity } from '#lib/ops/home/process-identity.ts'
import { embeddedBinaries } from './binaries.ts'
import { type Cluster, type ClusterPlan, startCluster } from './cluster.ts'
import { type Confinement, chooseConfinement, reachableBinaries } from './confinement.ts'
import { runningServer } from './running-server.ts'
import { dataSettings, keystoreSettings } from './settings.ts'
import { socketUrl } from './socket-url.ts'

const isRoot = process.geteuid?.() === 0
const binaries = embeddedBinaries()

let root = ''
const started: Cluster[] = []

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'vigil-cluster-'))
  mkdirSync(path.join(root, 'sockets'), { mode: 0o700 })
})
afterEach(async () => {
  for (const cluster of started.splice(0)) await cluster.stop({ immediately: true })
  rmSync(root, { recursive: true, force: true })
})

const planIn = (directory: string, more: Partial<ClusterPlan> = {}): ClusterPlan => ({
  name: 'database',
  dataDirectory: path.join(directory, 'pg'),
  socketDirectory: path.join(directory, 'sockets'),
  port: 5432,
  superuser: 'vigil_superuser',
  password: 'a-random-password-of-this-test',
  logFile: path.join(directory, 'pg.log'),
  settings: keystoreSettings(),
  binaries,
  confinement: chooseConfinement(directory, binaries),
  ...more,
})

const start = async (plan: ClusterPlan): Promise<Cluster> => {
  const cluster = await startCluster(plan)
  started.push(cluster)
  return cluster
}

const ask = async <Row extends Record<string, unknown>>(plan: ClusterPlan, sql: string): Promise<Row[]> => {
  const client = new pg.Client({
    connectionString: socketUrl({ ...plan, login: plan.superuser, database: 'postgres' }),
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

const settingsOf = async (plan: ClusterPlan): Promise<Map<string, string>> =>
  new Map(
    (await ask<{ name: string; setting: string }>(plan, 'SELECT name, setting FROM pg_settings')).map(
      (row) => [row.name, row.setting],
    ),
  )

/** Addresses on which a process listens, from the kernel's own tables. */
const listeningSockets = (pid: number): string[] => {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return (
          /socket:\[(\d+)\]/.exec(
            spawnSync('readlink', [`/proc/${pid}/fd/${fd}`], { encoding: 'utf8' }).stdout,
          )?.[1] ?? ''
        )
      } catch {
        return ''
      }
    }),
  )
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? '-'))
      // The statistics collector of older servers talked to itself over UDP; a peer of zeros means "listening".
      .filter((fields) => /^0+:0+$/.test(fields[2] ?? ''))
      .map((fields) => `${protocol} ${fields[1]}`),
  )
}

describe('an embedded server', () => {
  it('listens on a socket in a private directory and on no port', async () => {
    const plan = planIn(root)
    const { pid } = await start(plan)
    expect(statSync(path.join(root, 'sockets')).mode & 0o777).toBe(0o700)
    expect(statSync(path.join(root, 'sockets', '.s.PGSQL.5432')).mode & 0o777).toBe(0o700)
    expect(statSync(plan.dataDirectory).mode & 0o777).toBe(0o700)
    expect(statSync(plan.logFile).mode & 0o777).toBe(0o600)
    if (process.platform === 'linux') expect(listeningSockets(pid)).toEqual([])
  })

  it('asks everybody for a scram password, the superuser too', async () => {
    const plan = planIn(root)
    await start(plan)
    for (const password of ['', 'wrong'])
      await expect(ask({ ...plan, password }, 'SELECT 1')).rejects.toThrow(/password/)
    const [row] = await ask<{ verifier: string }>(
      plan,
      `SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = 'vigil_superuser'`,
    )
    expect(row?.verifier).toMatch(/^SCRAM-SHA-256\$/)
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    expect(files.filter((name) => name.includes('password'))).toEqual([])
  })

  it('keeps what was saved, and values out of its log', async () => {
    const plan = planIn(root, { settings: dataSettings(4 * 1024 ** 3, 2) })
    await start(plan)
    const settings = await settingsOf(plan)
    const wanted = {
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      max_prepared_transactions: '0',
      log_min_messages: 'log',
      log_error_verbosity: 'terse',
      log_min_error_statement: 'panic',
      log_parameter_max_length: '0',
      log_parameter_max_length_on_error: '0',
      listen_addresses: '',
      idle_in_transaction_session_timeout: '30000',
    }
    expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, settings.get(name)]))).toEqual(wanted)
    await ask(plan, 'CREATE TABLE person (name text PRIMARY KEY)')
    for (const sql of [
      `INSERT INTO person VALUES ('Planted Value'), ('Planted Value')`,
      `SELECT 'Planted Value'::int`,
      `SELECT * FROM nowhere WHERE name = 'Planted Value'`,
    ])
      await expect(ask(plan, sql)).rejects.toThrow()
    await expect(ask(plan, "ALTER SYSTEM SET log_statement = 'all'")).rejects.toThrow(/not allowed/)
    const log = readFileSync(plan.logFile, 'utf8')
    expect(log).toContain('ready to accept connections')
    expect(log).not.toContain('Planted')
  })

  it('killed with everything in it, comes back with every row that it confirmed', async () => {
    const plan = planIn(root)
    const cluster = await start(plan)
    await ask(plan, 'CREATE TABLE saved (id int PRIMARY KEY)')
    const client = new pg.Client({
      connectionString: socketUrl({ ...plan, login: plan.superuser, database: 'postgres' }),
    })
    client.on('error', () => undefined)
    await client.connect()
    let confirmed = 0
    const writing = (async () => {
      for (let id = 1; ; id += 1) {
        await client.query('INSERT INTO saved VALUES ($1)', [id])
        confirmed = id
      }
    })().catch(() => undefined)
    while (confirmed <= 50) await new Promise((resolve) => setTimeout(resolve, 10))
    const children = spawnSync('pgrep', ['-P', String(cluster.pid)], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .map(Number)
    for (const pid of [cluster.pid, ...children]) process.kill(pid, 'SIGKILL')
    await writing
    await cluster.ended
    await start(plan)
    const [row] = await ask<{ found: number }>(plan, 'SELECT count(*)::int AS found FROM saved')
    expect(row?.found).toBeGreaterThanOrEqual(confirmed)
  })

  it('that outlived its npm start is stopped and started anew', async () => {
    const plan = planIn(root)
    const orphan = await start(plan)
    const heir = await start(plan)
    await orphan.ended
    expect(heir.pid).not.toBe(orphan.pid)
    expect(runningServer(plan.dataDirectory)).toEqual({ pid: heir.pid, ready: true })
  })

  it('is not kept from starting by a process that has the old server’s number now', async () => {
    const plan = planIn(root)
    await (await start(plan)).stop()
    const lines = `${process.pid}\n${plan.dataDirectory}\n0\n5432\n`
    for (const file of [
      path.join(plan.dataDirectory, 'postmaster.pid'),
      path.join(plan.socketDirectory, '.s.PGSQL.5432.lock'),
    ])
      writeFileSync(file, lines, { mode: 0o600 })
    expect(runningServer(plan.dataDirectory)).toBeUndefined()
    await start(plan)
    expect(processIdentity(process.pid)).toBeDefined()
  })

  it('with somebody else’s secrets says so in a sentence', async () => {
    const plan = planIn(root)
    await (await start(plan)).stop()
    await expect(startCluster({ ...plan, password: 'another' })).rejects.toThrow(
      'put the secrets back that belong to it',
    )
    expect(runningServer(plan.dataDirectory)).toBeUndefined()
  })

  it('runs in a directory whose name has spaces, commas, quotes and accents', async () => {
    const odd = path.join(root, `Zoë's "home", 2`)
    mkdirSync(path.join(odd, 'sockets'), { recursive: true, mode: 0o700 })
    const plan = planIn(odd)
    await start(plan)
    expect(await ask(plan, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('of another Postgres version is left alone', async () => {
    const plan = planIn(root)
    mkdirSync(plan.dataDirectory, { mode: 0o700 })
    writeFileSync(path.join(plan.dataDirectory, 'PG_VERSION'), '17\n')
    await expect(startCluster(plan)).rejects.toThrow('was written by Postgres 17 and this Vigil brings 18')
  })

  it('that cannot start says why in a sentence and names its log', async () => {
    const plan = planIn(root, { settings: { ...keystoreSettings(), shared_buffers: 'plenty' } })
    await expect(startCluster(plan)).rejects.toThrow(
      /^The embedded database did not start: .*\(log: .*pg\.log\)\.$/,
    )
  })
})

describe('binaries', () => {
  it('get back the links that npm did not make', () => {
    const link = path.join(binaries.native ?? '', 'lib', 'libpq.so.5')
    if (process.platform !== 'linux') return
    unlinkSync(link)
    expect(embeddedBinaries().version).toBe(18)
    expect(existsSync(link)).toBe(true)
  })

  it.each(['linux-x64-musl', 'freebsd-x64', 'linux-s390x'])(
    'of %s do not exist, and that is said',
    (platform) => {
      expect(() => embeddedBinaries(platform)).toThrow(
        `There is no embedded Postgres for this machine (${platform}): set DATABASE_URL and KEYSTORE_URL`,
      )
    },
  )
})

describe.runIf(isRoot)('started by root', () => {
  it('runs in a user namespace, as a user that may do nothing to the machine', async () => {
    const plan = planIn(root)
    if (plan.confinement.kind !== 'namespace') return
    const { pid } = await start(plan)
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    expect(/CapEff:\s*(\w+)/.exec(status)?.[1]).toBe('0000000000000000')
    expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim()).toMatch(/^65534\s+0\s+1$/)
  })

  it('runs as the user nobody where namespaces are forbidden, under a directory that only root may enter', async () => {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith('nobody:'))
    const [, , uid, gid] = line?.split(':') ?? []
    const confinement: Confinement = { kind: 'user', uid: Number(uid), gid: Number(gid) }
    // What a home in an ordinary place becomes: passable, with the server's own directories closed.
    const home = mkdtempSync(path.join(tmpdir(), 'vigil-nobody-'))
    spawnSync('chmod', ['711', home])
    mkdirSync(path.join(home, 'sockets'), { mode: 0o700 })
    const own = reachableBinaries(confinement, hidden(), home)
    const plan = planIn(home, { confinement, binaries: own })
    const { pid } = await start(plan)
    expect(own.postgres.startsWith(home)).toBe(true)
    expect(/Uid:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]).toBe(uid)
    expect(await ask(plan, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await started.pop()?.stop()
    rmSync(home, { recursive: true })
  })

  it('goes from one confinement to the other with the same data', async () => {
    spawnSync('chmod', ['711', root])
    const inNamespace = planIn(root)
    if (inNamespace.confinement.kind !== 'namespace') return
    await (await start(inNamespace)).stop()
    const asNobody = planIn(root, {
      confinement: { kind: 'user', uid: 65_534, gid: 65_534 },
      binaries: reachableBinaries({ kind: 'user', uid: 65_534, gid: 65_534 }, hidden(), root),
    })
    await (await start(asNobody)).stop()
    await start(inNamespace)
    expect(statSync(inNamespace.dataDirectory).uid).toBe(0)
  })

  it('on a full disk says so in one sentence, when it is made and later', async () => {
    const mount = path.join(root, 'small')
    mkdirSync(mount)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=90m,mode=0700', 'tmpfs', mount])
    if (mounted.status !== 0) {
      process.stdout.write('skipped: this root may not mount a small disk to fill\n')
      return
    }
    try {
      mkdirSync(path.join(mount, 'sockets'), { mode: 0o700 })
      const sentence = new RegExp(`^The disk that holds ${mount}/pg is full: free some space there`)
      const filler = path.join(mount, 'filler')
      spawnSync('fallocate', ['-l', '70m', filler])
      await expect(startCluster(planIn(mount))).rejects.toThrow(sentence)
      expect(existsSync(path.join(mount, 'pg'))).toBe(false)
      rmSync(filler)
      const plan = planIn(mount)
      await (await start(plan)).stop()
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M'])
      await expect(startCluster(plan)).rejects.toThrow(sentence)
      rmSync(filler)
      await (await start(plan)).stop()
    } finally {
      spawnSync('umount', [mount])
    }
  })
})

/** The binaries as they would be in a project under root's own closed home. */
const hidden = (): typeof binaries => {
  const closed = path.join(root, 'closed')
  const native = path.join(closed, 'native')
  mkdirSync(closed, { mode: 0o700, recursive: true })
  if (!existsSync(native)) spawnSync('cp', ['-a', binaries.native ?? '', native])
  copyFileSync(path.join(binaries.native ?? '', 'pg-symlinks.json'), path.join(native, 'pg-symlinks.json'))
  return {
    ...binaries,
    native,
    initdb: path.join(native, 'bin', 'initdb'),
    postgres: path.join(native, 'bin', 'postgres'),
  }
}
