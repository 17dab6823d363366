import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Client } from '#lib/auth/client.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { quantile } from './summarize.ts'

export const name = 'guessing'

const guesses = 10_000
/** Guesses that are under way at once, beside one sign-in of somebody else. */
const atOnce = 8
const quietSignIns = 40

type Outcome = 'in' | 'checked' | { waitSeconds: number }
type Person = { accountId: string; email: string; password: string; totpSecret: string }
type Attack = {
  what: string
  guess: (client: Client, turn: number) => Promise<Outcome>
  /** Whoever it is about, with the right word, from an own browser or address. */
  owner: () => Promise<boolean>
  /** waits by the demo's clock, so that a guesser who waits can be tried in no time */
  byDemoClock: boolean
}

/**
 * Ten thousand guesses each of a password, a one-time code, a recovery code and an activation code, from one address and from 200 in as
 * many networks: how many were right, whether the owner still gets in, and how long other people's sign-ins take meanwhile, against a
 * quiet minute of the same run. Then somebody who waits as long as they are told to, each time. On lib/auth in one process, without
 * HTTP: what a web process does for each try.
 */
export async function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => {
    const database = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, 'superuser') })
    await database.connect()
    try {
      return await measure(clinic, database)
    } finally {
      await database.end()
    }
  })
}

async function measure(clinic: BenchClinic, database: pg.Client): Promise<BenchRow[]> {
  const people = await peopleOf(clinic, database)
  const [victim, ...others] = people
  if (!victim || others.length < 3) throw new Error('the benchmark has too few people')
  const signIn = signInOf(database)
  const attacks = await attacksOn(victim, signIn, database)
  const rows: BenchRow[] = []
  for (const attack of attacks)
    for (const addresses of [1, 200]) {
      const quiet = await timesOf(signIn, others, { count: quietSignIns })
      const ending = { over: false }
      const meanwhile = timesOf(signIn, others, ending)
      const before = await refusedSince(database)
      const right = await guessAll(attack, addresses)
      const checked = (await refusedSince(database)) - before
      ending.over = true
      const what = `${attack.what}, ${addresses === 1 ? '1 address' : `${addresses} addresses`}`
      const [p95, floor] = [quantile(await meanwhile, 0.95), quantile(quiet, 0.95)]
      const isIn = await attack.owner()
      rows.push(
        { what: `${what}: ${guesses.toLocaleString('en-US')} guesses, of them right`, unit: '', median: right, spread: 0, bar: '0', ok: right === 0 },
        { what: `${what}: looked at, the others were turned away`, unit: '', median: checked, spread: 0 },
        { what: `${what}: the owner still gets in`, unit: '', median: isIn ? 1 : 0, spread: 0, bar: '1', ok: isIn },
        { what: `${what}: sign-ins of others, p95`, unit: 'ms', median: p95, spread: 0, floor, ratio: p95 / floor, bar: '≤ 2.00', ok: p95 / floor <= 2 },
      ) // prettier-ignore
    }
  for (const attack of attacks.filter(({ byDemoClock }) => byDemoClock)) {
    const checked = await guessPatiently(attack, database)
    const isIn = await attack.owner()
    rows.push(
      { what: `${attack.what}, waiting as told, new address each: looked at before the account is shut`, unit: '', median: checked, spread: 0, bar: '≤ 100', ok: checked <= 100 },
      { what: `${attack.what}, after that: the owner still gets in`, unit: '', median: isIn ? 1 : 0, spread: 0, bar: '1', ok: isIn },
    ) // prettier-ignore
  }
  return rows
}

/** Guesses as fast as the answers come. @returns how many were right */
async function guessAll(attack: Attack, addresses: number): Promise<number> {
  let [turn, right] = [0, 0]
  const loop = async () => {
    while (turn < guesses) if ((await attack.guess(clientOf(turn % addresses), turn++)) === 'in') right += 1
  }
  await Promise.all(Array.from({ length: atOnce }, loop))
  return right
}

/** Guesses until the account is shut, waiting as told; every guess from another network. @returns how many were looked at */
async function guessPatiently(attack: Attack, database: pg.Client): Promise<number> {
  const before = await refusedSince(database)
  for (let turn = 0; turn < guesses; turn += 1) {
    const outcome = await attack.guess(clientOf(1000 + turn), turn)
    if (outcome === 'in') throw new Error('a guess was right')
    if (outcome === 'checked') continue
    if (outcome.waitSeconds > 24 * 3600) break
    await database.query('INSERT INTO app.demo_clock (advanced_by_seconds) VALUES ($1)', [
      outcome.waitSeconds,
    ])
  }
  return (await refusedSince(database)) - before
}

/** How many guesses were looked at so far, and found wrong. */
async function refusedSince(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM audit.security_event_log WHERE event_type IN ('SIGN_IN_FAILED', 'ACTIVATION_REFUSED')",
  )
  return rows[0]?.n ?? 0
}

/** An address in a network of its own. */
const clientOf = (at: number): Client => ({ ip: `10.${at >> 8}.${at & 255}.1`, userAgent: null })

type SignIn = (person: Person, client: Client) => Promise<boolean>

function signInOf(database: pg.Client): SignIn {
  return async (person, client) => {
    const { checkPassword } = await import('#lib/auth/check-password.ts')
    const { checkOneTimeCode } = await import('#lib/auth/check-second-factor.ts')
    const { openSession } = await import('#lib/auth/open-session.ts')
    const { totpCode } = await import('#lib/auth/totp.ts')
    if ((await checkPassword(person.email, person.password, client)).kind !== 'second-factor') return false
    const { rows } = await database.query<{ now: Date }>('SELECT app.now() AS now')
    const code = totpCode(person.totpSecret, rows[0]?.now.getTime() ?? 0)
    if ((await checkOneTimeCode(person.accountId, code, client)).kind !== 'accepted') return false
    await openSession(person.accountId, 'totp', client)
    // Codes count once in thirty seconds; here they have to count again.
    await database.query('UPDATE app.account SET totp_last_step = 0 WHERE id = $1', [person.accountId])
    return true
  }
}

/** How long sign-ins take, one after the other, by people whom nobody guesses at. */
async function timesOf(
  signIn: SignIn,
  people: readonly Person[],
  until: { count: number } | { over: boolean },
): Promise<number[]> {
  const times: number[] = []
  for (let turn = 0; 'count' in until ? turn < until.count : !until.over || turn < 5; turn += 1) {
    const person = people[turn % people.length]
    const start = performance.now()
    if (!person || !(await signIn(person, { ip: `172.16.${turn % 200}.9`, userAgent: null })))
      throw new Error('somebody else could not sign in')
    times.push(performance.now() - start)
  }
  return times
}

async function attacksOn(victim: Person, signIn: SignIn, database: pg.Client): Promise<Attack[]> {
  const { checkPassword } = await import('#lib/auth/check-password.ts')
  const { checkOneTimeCode, checkRecoveryCode } = await import('#lib/auth/check-second-factor.ts')
  const { activationProof, newActivationCode, openActivation } = await import('#lib/auth/activation.ts')
  const { limitCode } = await import('#lib/auth/limit/limit-code.ts')
  const { newRecoveryCodes } = await import('#lib/auth/recovery-codes.ts')
  const wordOf = (outcome: { kind: string } | { kind: 'wait'; seconds: number }): Outcome =>
    'seconds' in outcome ? { waitSeconds: outcome.seconds } : ['accepted', 'second-factor', 'enrol'].includes(outcome.kind) ? 'in' : 'checked' // prettier-ignore

  const own: Client = { ip: '192.0.2.7', userAgent: null, device: createHash('sha256').update(randomBytes(32)).digest() } // prettier-ignore
  await database.query(
    'INSERT INTO app.known_device (token_hash, account_id, first_at, last_at) VALUES ($1, $2, app.now(), app.now())',
    [own.device, victim.accountId],
  )
  const owner = () => signIn(victim, own)
  const recoveryGuesses = newRecoveryCodes()
  const code = newActivationCode()
  const proof = activationProof(code, '1979-04-02')
  await database.query(
    `INSERT INTO app.activation (account_id, code_hash, birth_check, issued_by, request_id, is_first, documents, created_at, expires_at)
     SELECT a.id, $1, $2, a.id, $3, false, '{passport}', app.now(), app.now() + interval '14 days' FROM app.account a WHERE a.role = 'patient' LIMIT 1`,
    [proof.codeHash, proof.birthCheck, randomUUID()],
  )
  const activate = async (typed: string, client: Client): Promise<Outcome> => {
    const shown = activationProof(typed, '1979-04-02')
    const turn = await limitCode('activation', client, shown.codeHash)
    if (turn.kind === 'wait') return { waitSeconds: turn.seconds }
    return (await openActivation(shown, client)) === null ? 'checked' : 'in'
  }
  return [
    {
      what: 'password',
      guess: async (client, turn) => wordOf(await checkPassword(victim.email, `summer-${turn}-holiday`, client)),
      owner,
      byDemoClock: true,
    },
    {
      what: 'one-time code',
      guess: async (client) => wordOf(await checkOneTimeCode(victim.accountId, String(randomInt(1_000_000)).padStart(6, '0'), client)),
      owner,
      byDemoClock: true,
    },
    {
      what: 'recovery code',
      guess: async (client, turn) => wordOf(await checkRecoveryCode(victim.accountId, recoveryGuesses[turn % 10] ?? '', client)),
      owner,
      byDemoClock: true,
    },
    {
      what: 'activation code',
      guess: (client) => activate(newActivationCode(), client),
      owner: async () => (await activate(code, { ip: '192.0.2.7', userAgent: null })) === 'in',
      byDemoClock: false,
    },
  ] // prettier-ignore
}

/** The demo's staff with what they sign in with. */
async function peopleOf(clinic: BenchClinic, database: pg.Client): Promise<Person[]> {
  const { readDemoAccounts } = await import('#lib/ops/demo/demo-home.ts')
  const { rows } = await database.query<{ id: string; display_name: string; role: string }>(
    "SELECT id, display_name, role FROM app.account WHERE display_name IS NOT NULL AND role <> 'service'",
  )
  return readDemoAccounts(clinic.env).flatMap((account) => {
    const found = rows.find((row) => row.display_name === account.name && row.role === account.role)
    return found ? { ...account, accountId: found.id } : []
  })
}
