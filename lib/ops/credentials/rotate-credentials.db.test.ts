import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '#lib/db/open-client.ts'
import { readSecret, secretPath } from '#lib/ops/home/secrets.ts'
import {
  type LoginName,
  embeddedAddress,
  embeddedUrl,
  isLoginName,
  logins,
} from '#lib/ops/postgres/embedded-servers.ts'
import { readSecretLines } from '#lib/secret-file.ts'
import { type Ended, runScript } from '#lib/testing/run-vigil.ts'

/** Servers of its own: a login has one password for all databases of its server, and other tests use theirs. */
const root = fileURLToPath(new URL('../../..', import.meta.url))
const names = Object.keys(logins).filter(isLoginName)

let folder = ''
let home = ''
let holder: ChildProcess
let worker: ChildProcess
let workerSaid = ''

const script = (file: string, words: string[] = []): ChildProcess =>
  spawn(process.execPath, ['--conditions=react-server', '--import', 'tsx', file, ...words], {
    cwd: root,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', VIGIL_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

const ended = (child: ChildProcess): Promise<NodeJS.Signals | number | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))

const says = (child: ChildProcess, word: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => chunk.includes(word) && resolve())
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
  })

const rotate = (...words: string[]): Promise<Ended> =>
  runScript('vigil.mjs', ['db', 'rotate-credentials', '--json', ...words], { VIGIL_HOME: home })

type Result = {
  done: boolean
  logins: { login: string; older: number; ended: number; formerRefused: boolean }[]
}
const resultOf = ({ out }: Ended): Result => JSON.parse(out) as Result

/** Whether each login gets in with what its file says. */
const getsIn = async (name: LoginName): Promise<boolean> => {
  const client = await openClient(embeddedAddress(home, name))
  const { rows } = await client.query<{ login: string }>('SELECT session_user AS login')
  await client.end()
  return rows[0]?.login === logins[name].login
}

const hold = async (): Promise<ChildProcess> => {
  const child = script('lib/testing/hold-home.ts')
  await says(child, 'serving')
  return child
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'vigil-credentials-'))
  home = path.join(folder, 'home')
  holder = await hold()
  worker = script('lib/testing/work-on-home.ts')
  worker.stdout?.on('data', (chunk: Buffer) => (workerSaid += chunk.toString()))
  await says(worker, 'working')
})
afterAll(async () => {
  worker.kill('SIGKILL')
  holder.kill('SIGTERM')
  if (holder.exitCode === null) await ended(holder)
  rmSync(folder, { recursive: true, force: true })
})

describe('changing all credentials while eight clients work', { timeout: 240_000 }, () => {
  it('leaves no former password and no connection that was opened with one', async () => {
    const before = new Map(names.map((name) => [name, embeddedUrl(home, name)]))
    const session = readSecret(home, 'session')
    const { status, out } = await rotate()
    expect(status, out).toBe(0)
    const result = JSON.parse(out) as Result
    expect(result.logins.map(({ login }) => login).toSorted()).toEqual(names.toSorted())
    for (const login of result.logins) expect(login).toMatchObject({ older: 0, formerRefused: true })
    for (const name of names) {
      expect(embeddedUrl(home, name)).not.toBe(before.get(name))
      const late = new pg.Client({ connectionString: before.get(name) })
      await expect(late.connect(), name).rejects.toMatchObject({ code: '28P01' })
      expect(await getsIn(name)).toBe(true)
      expect(readSecretLines(secretPath(home, logins[name].secret))).toHaveLength(1)
      expect(statSync(secretPath(home, logins[name].secret)).mode & 0o777).toBe(0o600)
    }
    expect(readSecretLines(secretPath(home, 'session'))).toEqual([readSecret(home, 'session'), session])
  })

  it('writes one event per credential, and notes when it was', async () => {
    const client = await openClient(embeddedAddress(home, 'superuser'))
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT detail ->> 'credential' AS name FROM audit.security_event_log
        WHERE event_type = 'CREDENTIAL_ROTATED' AND actor_role = 'service' AND db_user = 'vigil_worker'`,
    )
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...names, 'session'].toSorted())
    const aged = await client.query(
      'SELECT FROM app.credential WHERE changed_at > (SELECT min(applied_at) FROM app.schema_migration)',
    )
    expect(aged.rowCount).toBe(names.length + 1)
    await client.end()
  })

  it.each(['announced', 'changed', 'kept'] as const)(
    'killed when a password was %s, leaves every login working, and the next run finishes',
    async (step) => {
      for (const name of ['app', 'superuser'] as const) {
        expect(await ended(script('lib/testing/kill-rotation.ts', [`${step}:${name}`]))).toBe('SIGKILL')
        for (const each of names) expect(await getsIn(each), `${each} after ${step}:${name}`).toBe(true)
      }
      const { status, out } = await rotate('--login', 'app,superuser,keystore')
      expect(status, out).toBe(0)
      for (const name of names) expect(readSecretLines(secretPath(home, logins[name].secret))).toHaveLength(1)
    },
  )

  it('killed at any instant, leaves every login working', async () => {
    for (const milliseconds of [700, 1300, 2000, 3000]) {
      // The tool itself: bin/vigil.mjs only starts it, and killing that one would let it go on.
      const child = script('bin/vigil.ts', ['db', 'rotate-credentials'])
      await sleep(milliseconds)
      child.kill('SIGKILL')
      expect(await ended(child)).toBe('SIGKILL')
      for (const name of names) expect(await getsIn(name), `${name} after ${milliseconds} ms`).toBe(true)
    }
    // Sessions that the killed ones left behind are ended when unused for a minute: let that minute be over.
    const superuser = await openClient(embeddedAddress(home, 'superuser'))
    await superuser.query(
      `UPDATE app.session SET last_active_at = app.now() - interval '2 minutes' WHERE role = 'service' AND ended_at IS NULL`,
    )
    await superuser.end()
    const { status, out } = await rotate()
    expect(status, out).toBe(0)
    expect(resultOf({ status, out, err: '' }).done).toBe(true)
  })

  it('twice at once, is done once and refused once, or done twice', async () => {
    const both = await Promise.all([rotate('--login', 'app'), rotate('--login', 'app')])
    expect(both.map(({ status }) => status)).toContain(0)
    for (const { status, out } of both) if (status !== 0) expect(out).toContain('still works on')
    expect(await getsIn('app')).toBe(true)
  })

  it('does not end what still works, says so, and ends it when told to', async () => {
    const busy = new pg.Client({ connectionString: embeddedUrl(home, 'audit_reader') })
    const cut = new Promise((resolve) => busy.once('error', resolve))
    await busy.connect()
    const work = busy.query('SELECT pg_sleep(50)').then(
      () => 'done',
      () => 'cut',
    )
    const waited = await rotate('--login', 'audit_reader', '--wait', '2')
    expect(waited.status).toBe(1)
    expect(resultOf(waited).logins).toEqual([
      { login: 'audit_reader', older: 1, ended: 0, formerRefused: true },
    ])
    const forced = await rotate('--login', 'audit_reader', '--wait', '2', '--force')
    expect(forced.status, forced.out).toBe(0)
    expect(resultOf(forced).logins[0]).toMatchObject({ older: 0, ended: 1 })
    expect(await work).toBe('cut')
    await cut
  })

  it('ends the session of a job that was left behind, and not one that a job is using', async () => {
    const client = await openClient(embeddedAddress(home, 'worker'))
    const open = async (): Promise<string> =>
      (await client.query<{ token: string }>(`SELECT app.service_session_open('import') AS token`)).rows[0]
        ?.token ?? ''
    const [left, used] = [await open(), await open()]
    await client.end()
    const superuser = await openClient(embeddedAddress(home, 'superuser'))
    const state = async (token: string): Promise<string | null> =>
      (
        await superuser.query<{ end_reason: string | null }>(
          `SELECT end_reason FROM app.session WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
          [token],
        )
      ).rows[0]?.end_reason ?? null
    await superuser.query(
      `UPDATE app.session SET last_active_at = app.now() - interval '2 minutes' WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [left],
    )
    const waited = await rotate('--login', 'worker', '--wait', '3')
    expect(waited.status).toBe(1)
    expect([await state(left), await state(used)]).toEqual(['credentials-rotated', null])
    expect((await rotate('--login', 'worker', '--wait', '3', '--force')).status).toBe(0)
    expect(await state(used)).toBe('credentials-rotated')
    await superuser.end()
  })

  it('failed none of the work that went on all the while', async () => {
    worker.kill('SIGTERM')
    await ended(worker)
    const { done, failed, failures } = JSON.parse(
      workerSaid.split('\n').find((line) => line.startsWith('{')) ?? '{}',
    ) as {
      done: Record<string, number>
      failed: number
      failures: string[]
    }
    // Jobs' sessions were ended by force in the test before: those are the only work that may have been cut.
    expect(failures.filter((failure) => !failure.startsWith('operate'))).toEqual([])
    expect(failed).toBeLessThanOrEqual(2)
    for (const kind of ['register', 'read', 'operate', 'audit']) expect(done[kind], kind).toBeGreaterThan(50)
  })
})

describe('a home at rest', { timeout: 240_000 }, () => {
  it('starts with a password that was changed before its file said so', async () => {
    holder.kill('SIGTERM')
    await ended(holder)
    // As a change that was cut short leaves it: the right one is the second line.
    for (const name of ['vigil_superuser', 'keystore_superuser', 'vigil_owner', 'vigil_keys'] as const) {
      const right = readSecret(home, name)
      writeFileSync(secretPath(home, name), `demo-not-the-right-one-at-all\n${right}`)
    }
    holder = await hold()
    for (const name of names) expect(await getsIn(name), name).toBe(true)
    expect(readFileSync(secretPath(home, 'vigil_superuser'), 'utf8')).not.toContain('not-the-right-one')
  })

  it('is refused with a sentence when neither is right', async () => {
    holder.kill('SIGTERM')
    await ended(holder)
    const right = readFileSync(secretPath(home, 'vigil_superuser'))
    writeFileSync(secretPath(home, 'vigil_superuser'), 'demo-wrong\ndemo-wrong-too')
    const { status, err } = await runScript('vigil.mjs', ['doctor'], { VIGIL_HOME: home })
    expect(status).toBe(1)
    expect(err).toContain('does not open the embedded database')
    writeFileSync(secretPath(home, 'vigil_superuser'), right)
    holder = await hold()
    expect(await getsIn('superuser')).toBe(true)
  })
})

describe('databases that are not Vigil’s own', { timeout: 240_000 }, () => {
  it('are done by the login itself where the password stands in a file, and named where it does not', async () => {
    const sessionFile = path.join(folder, 'session')
    writeFileSync(sessionFile, 'demo-a-session-secret-of-many-characters')
    const variables = {
      // Another home: nothing of the servers is known here but the addresses.
      VIGIL_HOME: path.join(folder, 'elsewhere'),
      DATABASE_URL: embeddedAddress(home, 'app'),
      DATABASE_WORKER_URL: embeddedAddress(home, 'worker'),
      KEYSTORE_URL: embeddedUrl(home, 'keystore'),
      SESSION_SECRET_FILE: sessionFile,
    }
    const before = { app: embeddedUrl(home, 'app'), keystore: embeddedUrl(home, 'keystore') }
    const run = (given: Record<string, string>): Promise<Ended> =>
      runScript('vigil.mjs', ['db', 'rotate-credentials', '--json'], given)

    const some = await run(variables)
    expect(some.status, some.out).toBe(1)
    const { logins: done, foreign } = JSON.parse(some.out) as Result & {
      foreign: { name: string; why: string }[]
    }
    expect(done.map(({ login, older, formerRefused }) => [login, older, formerRefused])).toEqual([
      ['app', 0, true],
      ['worker', 0, true],
    ])
    expect(foreign.map(({ name }) => name)).toEqual(['keystore'])
    expect(foreign[0]?.why).toContain('KEYSTORE_URL holds the password itself')
    expect(embeddedUrl(home, 'app')).not.toBe(before.app)
    expect(embeddedUrl(home, 'keystore')).toBe(before.keystore)
    expect(readSecretLines(sessionFile)[1]).toBe('demo-a-session-secret-of-many-characters')

    const all = await run({ ...variables, KEYSTORE_URL: embeddedAddress(home, 'keystore') })
    expect(all.status, all.out).toBe(0)
    expect(embeddedUrl(home, 'keystore')).not.toBe(before.keystore)
    for (const name of names) expect(await getsIn(name), name).toBe(true)
  })

  it('have a change by hand noted, which changes nothing', async () => {
    const before = embeddedUrl(home, 'audit_reader')
    const { status, out } = await rotate('--note', 'audit_reader')
    expect([status, JSON.parse(out)]).toEqual([0, { noted: ['audit_reader'] }])
    expect(embeddedUrl(home, 'audit_reader')).toBe(before)
    expect((await rotate('--note', 'nobody')).status).toBe(2)
  })
})
