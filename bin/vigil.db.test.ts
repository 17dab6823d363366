import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { TOTP } from 'otpauth'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHome } from '#lib/ops/home/open-home.ts'
import { makeMissingSecrets } from '#lib/ops/home/secrets.ts'
import { type Ended, runScript } from '#lib/testing/run-vigil.ts'

/** The operator's tool and the start as processes, on homes of their own. */
const root = fileURLToPath(new URL('..', import.meta.url))
const account = {
  email: 'maria@demo.example',
  password: 'a demo password',
  role: 'patient',
  name: 'Maria',
  totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  why: 'sees her own results',
}

let folder = ''
let home = ''
let holder: ChildProcess | undefined

const vigil = (words: string[], variables: Record<string, string> = {}): Promise<Ended> =>
  runScript('vigil.mjs', words, { VIGIL_HOME: home, ...variables })

const start = (variables: Record<string, string>): Promise<Ended> => runScript('start.mjs', [], variables)

const json = async (
  words: string[],
): Promise<{ status: number | null; document: Record<string, unknown> }> => {
  const { status, out } = await vigil([...words, '--json'])
  return { status, document: JSON.parse(out) as Record<string, unknown> }
}

/** Holds the home as a running `npm start` does. */
const hold = (): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--conditions=react-server', '--import', 'tsx', 'lib/testing/hold-home.ts'],
      {
        cwd: root,
        env: { PATH: process.env['PATH'], NODE_ENV: 'production', VIGIL_HOME: home },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    child.stdout.on('data', (chunk: Buffer) => chunk.includes('serving') && resolve(child))
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
  })

const ask = async (role: string, sql: string): Promise<Record<string, unknown>[]> => {
  const { document } = await json(['db', 'url', role])
  const client = new pg.Client({ connectionString: String(document['url']) })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'vigil-bin-'))
  home = path.join(folder, 'home')
  openHome(home, 'demo')
  makeMissingSecrets(home, 'demo')
  writeFileSync(path.join(home, 'demo-accounts.json'), JSON.stringify([account]), { mode: 0o600 })
})
afterAll(() => {
  holder?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('vigil, while nothing runs', () => {
  it('starts the databases for the command and stops them after it', async () => {
    expect(await vigil(['migrate'])).toMatchObject({
      status: 0,
      out: expect.stringContaining('create_phi') as string,
    })
    expect(await json(['migrate'])).toEqual({
      status: 0,
      document: { applied: { database: [], keystore: [] } },
    })
    expect(spawnSync('pgrep', ['-f', home], { encoding: 'utf8' }).stdout).toBe('')
  })

  it('waits its turn when another command works in the home', async () => {
    const results = await Promise.all([json(['migrate']), json(['demo', 'code', account.email])])
    expect(results.map(({ status }) => status)).toEqual([0, 0])
  })

  it('answers --help and --json on every verb, with one document', async () => {
    const { status, document } = await json(['--help'])
    expect(status).toBe(0)
    const verbs = (document['verbs'] as { verb: string }[]).map(({ verb }) => verb)
    expect(verbs).toEqual(
      expect.arrayContaining([
        'doctor',
        'migrate',
        'db url',
        'db bootstrap',
        'db rotate-credentials',
        'demo accounts',
        'demo code',
        'demo clock advance',
      ]),
    )
    for (const verb of verbs) {
      const help = await json([...verb.split(' '), '--help'])
      expect(help, verb).toMatchObject({ status: 0, document: { verb } })
    }
    // One process per verb, and there are many.
  }, 300_000)

  it.each([
    [['nonsense'], 2],
    [['db', 'url'], 2],
    [['demo', 'clock', 'advance', '-5m'], 2],
    [['demo', 'code', 'nobody@demo.example'], 1],
    [['demo', 'accounts'], 0],
  ] as const)('%j ends with status %i, in words and in JSON', async (words, status) => {
    const plain = await vigil([...words])
    expect(plain.status).toBe(status)
    expect(status === 0 ? plain.out : plain.err).not.toBe('')
    expect((await json([...words])).status).toBe(status)
  })

  it('says in a sentence that there is no home', async () => {
    const { status, err } = await vigil(['doctor'], { VIGIL_HOME: path.join(folder, 'nowhere') })
    expect([status, err.trim().split('\n').length]).toEqual([1, 1])
    expect(err).toContain('is not a home of Vigil: run "npm start" once')
  })

  it('refuses the demo verbs on a production home', async () => {
    const production = path.join(folder, 'production')
    openHome(production, 'production')
    makeMissingSecrets(production, 'production')
    writeFileSync(path.join(production, 'demo-accounts.json'), JSON.stringify([account]))
    for (const words of [
      ['demo', 'accounts'],
      ['demo', 'code', account.email],
      ['demo', 'clock', 'advance', '16m'],
    ]) {
      const { status, out, err } = await vigil(words, { VIGIL_HOME: production })
      expect([status, out]).toEqual([1, ''])
      expect(err).toContain('work only in a home made by the demo')
    }
  })

  it('refuses faulty settings with their sentences', async () => {
    const { status, err } = await vigil(['doctor'], { PORT: 'x' })
    expect(status).toBe(1)
    expect(err).toContain('PORT is not valid')
  })
})

describe('vigil, beside a running start', () => {
  beforeAll(async () => {
    holder = await hold()
  })

  it('gives addresses that open the databases as that login', async () => {
    for (const [role, login] of [
      ['superuser', 'vigil_superuser'],
      ['owner', 'vigil_owner'],
      ['app', 'vigil_app'],
      ['audit_reader', 'vigil_audit'],
      ['keystore', 'vigil_keys'],
    ] as const)
      expect(await ask(role, 'SELECT session_user::text AS login')).toEqual([{ login }])
  })

  it('moves the demo’s clock forward, and codes with it', async () => {
    const before = (await ask('app', 'SELECT app.now() AS now'))[0]?.['now'] as Date
    const { status, document } = await json(['demo', 'clock', 'advance', '16m'])
    expect([status, document['advancedSeconds']]).toEqual([0, 960])
    const after = (await ask('app', 'SELECT app.now() AS now'))[0]?.['now'] as Date
    expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(960_000)
    const code = await json(['demo', 'code', account.email.toUpperCase()])
    const now = (await ask('app', 'SELECT app.now() AS now'))[0]?.['now'] as Date
    const accepted = new TOTP({ secret: account.totpSecret }).validate({
      token: String(code.document['code']),
      timestamp: now.getTime(),
      window: 1,
    })
    expect(accepted).not.toBeNull()
  })

  it('has the doctor look at all of it, and miss only what no start has made: keyring and worker', async () => {
    const { status, document } = await json(['doctor'])
    const checks = document['checks'] as { name: string; ok: boolean }[]
    expect(checks.length).toBeGreaterThan(30)
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'keyring',
      'worker: process',
      'key provider',
    ])
    expect(status).toBe(1)
  })

  it('leaves it running', () => {
    expect(holder?.exitCode).toBeNull()
  })
})

describe('npm start', () => {
  it('a second time on the same home is refused in one sentence', async () => {
    const { status, err } = await start({ VIGIL_HOME: home, PORT: '38471' })
    expect(status).toBe(1)
    expect(err.trim()).toBe(
      `Vigil already runs on ${home} (process ${holder?.pid}): stop it first, or set VIGIL_HOME to another directory.`,
    )
  })

  it('after kill -9 of everything finds every row that was confirmed', async () => {
    await ask('superuser', 'CREATE TABLE app.confirmed AS SELECT generate_series(1, 1000) AS id')
    const servers = spawnSync('pgrep', ['-f', home], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .map(Number)
    expect(servers).toHaveLength(2)
    const children = servers.flatMap((pid) =>
      spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n')
        .map(Number),
    )
    for (const pid of [holder?.pid ?? 0, ...servers, ...children]) process.kill(pid, 'SIGKILL')
    holder = await hold()
    expect(await ask('superuser', 'SELECT count(*)::int AS rows FROM app.confirmed')).toEqual([
      { rows: 1000 },
    ])
  })

  it('after kill -9 of itself alone takes the home over from the servers that it left behind', async () => {
    await ask('superuser', 'INSERT INTO app.confirmed VALUES (1001)')
    holder?.kill('SIGKILL')
    holder = await hold()
    expect(await ask('superuser', 'SELECT count(*)::int AS rows FROM app.confirmed')).toEqual([
      { rows: 1001 },
    ])
  })

  it('stops cleanly when it is told to, and leaves no process and no lock', async () => {
    const ended = new Promise((resolve) => holder?.once('exit', resolve))
    holder?.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(spawnSync('pgrep', ['-f', home], { encoding: 'utf8' }).stdout).toBe('')
    expect(spawnSync('ls', [home], { encoding: 'utf8' }).stdout).not.toContain('lock')
    expect(readFileSync(path.join(home, 'pg.log'), 'utf8').trimEnd()).toMatch(/database system is shut down$/)
  })

  it('closes its databases when the process that npm started is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { runPinned } from '${root}bin/run-pinned.mjs'; runPinned('../lib/testing/hold-home.ts', [])`,
      ],
      {
        cwd: root,
        env: { PATH: process.env['PATH'], NODE_ENV: 'production', VIGIL_HOME: home },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await new Promise((resolve) => parent.stdout.once('data', resolve))
    parent.kill('SIGKILL')
    await expect.poll(() => readdirSync(home), { timeout: 60_000 }).not.toContain('lock')
    expect(spawnSync('pgrep', ['-f', home], { encoding: 'utf8' }).stdout).toBe('')
  })

  it.each([
    [
      'on a home of a newer version',
      (place: string) => writeFileSync(path.join(place, 'VERSION'), '99'),
      'was written by a newer Vigil',
    ],
    [
      'on a directory with other things in it',
      (place: string) => {
        rmSync(place, { recursive: true })
        mkdirSync(place)
        writeFileSync(path.join(place, 'thesis.tex'), '')
      },
      'is not empty and not a home of Vigil',
    ],
  ])('%s is refused in one sentence, with nothing started', async (_, prepare, sentence) => {
    const place = mkdtempSync(path.join(folder, 'refused-'))
    openHome(place, 'demo')
    prepare(place)
    const { status, err } = await start({ VIGIL_HOME: place, PORT: '38471' })
    expect(status).toBe(1)
    expect(err.trim().split('\n')).toEqual([expect.stringContaining(sentence)])
  })

  it('of production is refused on a demo home', async () => {
    const { status, err } = await start({ VIGIL_HOME: home, VIGIL_ENV: 'production', PORT: '38471' })
    expect(status).toBe(1)
    expect(err).toContain('must never serve real patients')
  })

  it('on a port in use is refused in one sentence, and frees the home', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => {
        const address = other.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      }),
    )
    const { status, err } = await start({ VIGIL_HOME: home, PORT: String(port) })
    other.close()
    expect(status).toBe(1)
    expect(err.trim()).toMatch(
      new RegExp(`^Port ${port} is in use by another program: stop that one, or choose another port`),
    )
    expect(spawnSync('ls', [home], { encoding: 'utf8' }).stdout).not.toContain('lock')
  })

  it.runIf(process.geteuid?.() === 0)('on a disk without room is refused in one sentence', async () => {
    const mount = path.join(folder, 'small')
    mkdirSync(mount)
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', mount]).status !== 0) {
      process.stdout.write('skipped: this root may not mount a small disk to fill\n')
      return
    }
    const { status, err } = await start({ VIGIL_HOME: path.join(mount, 'home'), PORT: '38471' })
    spawnSync('umount', [mount])
    expect(status).toBe(1)
    expect(err.trim()).toMatch(/^The disk that holds .* is full: free some space there/)
  })
})
