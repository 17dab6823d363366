import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { buildPages, generateClient } from '#lib/ops/start/build-product.ts'
import { startWeb, type WebProcess } from '#lib/ops/start/web-process.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { productRoot } from './plain-product.ts'
import { summarize } from './summarize.ts'

export const name = 'revocation'

const processes = 4
const rounds = 7
const cookie = 'vigil-session'

type Subject = { accountId: string; token: string; sessionId: string }
type Sql = { superuser: pg.Client; app: pg.Client; admin: string }

/** What takes a session's power away; each as the product itself does it, but for the two that time does. */
const kinds: Readonly<Record<string, (sql: Sql, of: Subject) => Promise<unknown>>> = {
  'ended by an administrator': (sql, of) =>
    sql.app.query('SELECT app.session_end_other($1, $2)', [sql.admin, of.sessionId]),
  'all sessions ended': (sql, of) =>
    sql.app.query('SELECT app.sessions_end_of($1, $2)', [sql.admin, of.accountId]),
  'another role': (sql, of) =>
    sql.app.query(`SELECT app.account_set_role($1, $2, 'nurse')`, [sql.admin, of.accountId]),
  deactivated: (sql, of) => sql.app.query('SELECT app.account_deactivate($1, $2)', [sql.admin, of.accountId]),
  'last day over': (sql, of) =>
    sql.app.query('SELECT app.account_set_end($1, $2, app.now())', [sql.admin, of.accountId]),
  'signed out': (sql, of) => sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [of.token]),
  locked: (sql, of) => sql.app.query('SELECT app.session_lock($1)', [of.token]),
  'one sign-in too many': async (sql, of) => {
    for (let more = 0; more < 6; more += 1) await openSession(sql, of.accountId)
  },
  'idle (the last use set 15 minutes back)': (sql, of) =>
    sql.superuser.query(
      `UPDATE app.session SET last_active_at = app.now() - interval '15 minutes 1 second' WHERE id = $1`,
      [of.sessionId],
    ),
  'expired (its end set into the past)': (sql, of) =>
    sql.superuser.query(`UPDATE app.session SET expires_at = app.now() - interval '1 second' WHERE id = $1`, [
      of.sessionId,
    ]),
}

/**
 * How soon nothing more is shown after a session has lost its power: four web processes on one database, each asked without a pause by
 * that session, and the door in SQL beside them. No request that began after the change was committed may be let in.
 */
export async function run(): Promise<BenchRow[]> {
  await generateClient(productRoot, AbortSignal.timeout(600_000))
  await buildPages(productRoot, AbortSignal.timeout(600_000))
  return withBenchClinic(async (clinic) => {
    const sql = await connect(clinic)
    const webs: { port: number; web: WebProcess }[] = []
    try {
      for (let made = 0; made < processes; made += 1) webs.push(await startOne(clinic))
      const rows: BenchRow[] = []
      for (const [kind, change] of Object.entries(kinds))
        rows.push(...(await measure(clinic, sql, webs, kind, change)))
      return [...rows, await survivesRestart(clinic, sql, webs)]
    } finally {
      await Promise.all(webs.map(({ web }) => web.stop()))
      await Promise.all([sql.superuser.end(), sql.app.end()])
    }
  })
}

async function measure(
  clinic: BenchClinic,
  sql: Sql,
  webs: readonly { port: number }[],
  kind: string,
  change: (sql: Sql, of: Subject) => Promise<unknown>,
): Promise<BenchRow[]> {
  const [waits, ordinary]: [number[], number[]] = [[], []]
  let letIn = 0
  for (let round = 0; round < rounds; round += 1) {
    const subject = await newSubject(sql)
    await sql.superuser.query(
      'UPDATE app.session SET second_factor_at = app.now() WHERE token_hash = sha256($1)',
      [Buffer.from(sql.admin)],
    )
    const { askers, allServed } = askEverywhere(webs, subject.token)
    await allServed
    // Not always at the same moment of a request.
    await sleep(7 * round)
    await change(sql, subject)
    const committed = performance.now()
    const reason = await admitted(sql, clinic, subject)
    if (reason === null) letIn += 1
    waits.push(performance.now() - committed)
    for (const asked of await Promise.all(askers)) {
      letIn += asked.filter(({ began, ok }) => ok && began > committed).length
      const last = asked.at(-1)
      if (last) waits.push(Math.max(0, last.ended - committed))
      ordinary.push(...asked.filter(({ ok }) => ok).map(({ began, ended }) => ended - began))
    }
  }
  const { median, spread } = summarize(waits)
  const floor = summarize(ordinary).median
  return [
    { what: `${kind}: refused after`, unit: 'ms', median, spread, floor, ratio: median / floor },
    { what: `${kind}: worst`, unit: 'ms', median: Math.max(...waits), spread: 0 },
    { what: `${kind}: let in afterwards`, unit: 'requests', median: letIn, spread: 0, bar: '0', ok: letIn === 0 },
  ] // prettier-ignore
}

type Asked = { began: number; ended: number; ok: boolean }

/** Asks every process without a pause; `allServed` resolves when each has shown the page once. */
function askEverywhere(webs: readonly { port: number }[], token: string) {
  const served: Promise<void>[] = []
  const askers = webs.map(({ port }) => {
    const first = Promise.withResolvers<void>()
    served.push(first.promise)
    return askUntilRefused(port, token, first.resolve)
  })
  const refusedFirst = Promise.all(askers).then((all) => {
    if (all.some((asked) => asked[0]?.ok !== true)) throw new Error('the session never worked')
  })
  return { askers, allServed: Promise.race([Promise.all(served), refusedFirst]) }
}

/** Asks one process for a page again and again until it refuses. */
async function askUntilRefused(port: number, token: string, onServed: () => void): Promise<Asked[]> {
  const asked: Asked[] = []
  for (let turn = 0; turn < 2000; turn += 1) {
    const began = performance.now()
    const answer = await fetch(`http://127.0.0.1:${port}/billing`, {
      headers: { cookie: `${cookie}=${token}` },
      redirect: 'manual',
    })
    await answer.text()
    asked.push({ began, ended: performance.now(), ok: answer.status === 200 })
    if (answer.status !== 200) return asked
    onServed()
  }
  throw new Error('a session without power was never refused')
}

/** What the door says to the same session over a connection of its own, past all pages: null when it is let in. */
async function admitted(sql: Sql, clinic: BenchClinic, of: Subject): Promise<string | null> {
  const { rows } = await sql.app.query<{ denied_reason: string | null }>(
    `SELECT denied_reason FROM audit.admit($1, $2, 'READ', 'billing-account', '{"Claim": ["total"]}', $3, NULL, '127.0.0.1', NULL, NULL, NULL)`,
    [of.token, randomUUID(), clinic.patients.slice(0, 1)],
  )
  return rows[0]?.denied_reason ?? null
}

/** A process that is stopped and started knows the same sessions: they are in the database alone. */
async function survivesRestart(
  clinic: BenchClinic,
  sql: Sql,
  webs: { port: number; web: WebProcess }[],
): Promise<BenchRow> {
  const { token } = await newSubject(sql)
  const statusAt = async (port: number) =>
    (await fetch(`http://127.0.0.1:${port}/billing`, { headers: { cookie: `${cookie}=${token}` }, redirect: 'manual' })).status // prettier-ignore
  const before = await Promise.all(webs.map(({ port }) => statusAt(port)))
  await webs.shift()?.web.stop()
  webs.push(await startOne(clinic))
  const after = await Promise.all(webs.map(({ port }) => statusAt(port)))
  const lost = [...before, ...after].filter((status) => status !== 200).length
  return { what: 'one session in four processes, one of them started anew: refusals', unit: 'requests', median: lost, spread: 0, bar: '0', ok: lost === 0 } // prettier-ignore
}

async function connect(clinic: BenchClinic): Promise<Sql> {
  const open = async (role: 'superuser' | 'app' | 'worker') => {
    const client = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, role) })
    await client.connect()
    return client
  }
  const [superuser, app] = [await open('superuser'), await open('app')]
  const { rows } = await superuser.query<{ id: string }>(
    `SELECT id FROM app.account WHERE role = 'admin' AND status = 'active' ORDER BY id LIMIT 1`,
  )
  const sql = { superuser, app, admin: '' }
  sql.admin = (await openSession(sql, rows[0]?.id ?? '')).token
  return sql
}

async function openSession(sql: Sql, accountId: string): Promise<{ token: string; sessionId: string }> {
  const token = randomBytes(32).toString('base64url')
  const { rows } = await sql.superuser.query<{ id: string }>(
    `SELECT app.session_open($1, sha256($2), 'totp', '127.0.0.1', 'benchmark') AS id`,
    [accountId, Buffer.from(token)],
  )
  return { token, sessionId: rows[0]?.id ?? '' }
}

/** Somebody of billing who has just signed in: a copy of one who is there, since accounts cannot be made here. */
async function newSubject(sql: Sql): Promise<Subject> {
  const accountId = randomUUID()
  await sql.superuser.query(
    `INSERT INTO app.account (id, role, display_name, email_sealed, email_token, status, totp_secret_sealed, totp_last_step, totp_enrolled_at)
     SELECT $1, 'billing', 'A clerk', email_sealed, $2, 'active', totp_secret_sealed, 0, app.now()
       FROM app.account WHERE role = 'billing' AND totp_secret_sealed IS NOT NULL LIMIT 1`,
    [accountId, randomBytes(33)],
  )
  return { accountId, ...(await openSession(sql, accountId)) }
}

async function startOne(clinic: BenchClinic): Promise<{ port: number; web: WebProcess }> {
  const port = await freePort()
  const environment = { ...embeddedEnvironment(clinic.env, 'web'), VIGIL_URL: `http://localhost:${port}` }
  const { signal } = new AbortController()
  const web = await startWeb(
    { root: productRoot, mode: 'start', address: '127.0.0.1', port, signal, environment },
    process.env,
  )
  return { port, web }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
