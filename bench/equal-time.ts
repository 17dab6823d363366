import { createHash, randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Client } from '#lib/auth/client.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import { softPasskey } from '#lib/testing/soft-passkey.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { rankTest } from './rank-test.ts'
import { quantile } from './summarize.ts'

export const name = 'equal-time'

/**
 * Turns of each side, after some that are not counted. A turn is the fastest of so many tries, as somebody would measure who wants to
 * know: what else the machine does only ever makes an answer slower.
 */
const [turns, warmUp, triesOfTurn] = [300, 10, 3]
/** How far the share of pairs may be from one half: whoever sees a single answer guesses little better than by a coin. */
const tolerance = 0.08

/** A way in that is tried with something that exists here and with something that does not; both are refused, or answered alike. */
type Door = {
  what: string
  /** puts everything back to where it was before a try; not measured */
  before: () => Promise<unknown>
  exists: (client: Client) => Promise<unknown>
  unknown: (client: Client) => Promise<unknown>
}

/**
 * Whether the time of an answer tells if an account exists (ASVS 5.0 6.3.8): every open door with an address, a code, a link or a passkey
 * that is known here and with one that is nobody's, in turn, in an order that changes. Medians, quartiles and a rank test. On lib/auth in
 * one process, without HTTP: what differs is in the lookups and checks, and the network would only hide it.
 */
export async function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => {
    const database = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, 'superuser') })
    await database.connect()
    try {
      const rows: BenchRow[] = []
      for (const door of await doorsOf(clinic, database)) rows.push(...(await measure(door)))
      return rows
    } finally {
      await database.end()
    }
  })
}

async function measure(door: Door): Promise<BenchRow[]> {
  const times = { exists: [] as number[], unknown: [] as number[] }
  for (let turn = 0; turn < turns + warmUp; turn += 1) {
    const order =
      turn % 4 === 0 || turn % 4 === 3 ? (['exists', 'unknown'] as const) : (['unknown', 'exists'] as const)
    const client = { ip: `10.${turn >> 8}.${turn & 255}.1`, userAgent: null }
    const fastest = { exists: Infinity, unknown: Infinity }
    for (let attempt = 0; attempt < triesOfTurn; attempt += 1)
      for (const side of order) {
        await door.before()
        const start = performance.now()
        await door[side](client)
        fastest[side] = Math.min(fastest[side], performance.now() - start)
      }
    if (turn < warmUp) continue
    times.exists.push(fastest.exists)
    times.unknown.push(fastest.unknown)
  }
  const { share, margin, p } = rankTest(times.exists, times.unknown)
  const [median, floor] = [quantile(times.exists, 0.5), quantile(times.unknown, 0.5)]
  const quartiles = (samples: readonly number[]) =>
    `${quantile(samples, 0.25).toFixed(2)}–${quantile(samples, 0.75).toFixed(2)}`
  const half = (samples: readonly number[]) => (quantile(samples, 0.75) - quantile(samples, 0.25)) / 2
  return [
    {
      what: `${door.what}: known here (quartiles ${quartiles(times.exists)}) against nobody's (${quartiles(times.unknown)})`,
      unit: 'ms',
      median,
      spread: half(times.exists),
      floor,
      ratio: median / floor,
    },
    {
      what: `${door.what}: pairs in which the known one took longer, of ${turns} × ${turns} (p ${p.toFixed(3)})`,
      unit: '',
      median: share,
      spread: margin,
      bar: `0.50 ± ${tolerance.toFixed(2)}`,
      ok: Math.abs(share - 0.5) <= tolerance,
    },
  ]
}

async function doorsOf({ env }: BenchClinic, database: pg.Client): Promise<Door[]> {
  const { checkPassword } = await import('#lib/auth/check-password.ts')
  const { emailTokens } = await import('#lib/auth/account-secrets.ts')
  const { activationProof, newActivationCode, openActivation } = await import('#lib/auth/activation.ts')
  const { invitationHash, newInvitationCode, readInvitation } = await import('#lib/auth/invitation.ts')
  const { askRecovery } = await import('#lib/accounts/recovery/ask-recovery.ts')
  const { authQuery } = await import('#lib/auth/auth-query.ts')
  const { verifyPasskey } = await import('#lib/auth/passkey/check-passkey.ts')
  const { keepPasskey } = await import('#lib/auth/passkey/add-passkey.ts')
  const { relyingParty } = await import('#lib/auth/passkey/relying-party.ts')
  const { limitCode } = await import('#lib/auth/limit/limit-code.ts')
  const { readDemoAccounts } = await import('#lib/ops/demo/demo-home.ts')
  const { brandActor } = await import('#lib/policy/actor.ts')
  const { z } = await import('zod')

  const nurse = readDemoAccounts(env).find(({ role }) => role === 'nurse')
  if (!nurse) throw new Error('the benchmark has no nurse')
  const stranger = `nobody.${randomBytes(4).toString('hex')}@example.org`
  const forget = () =>
    database.query(
      'DELETE FROM app.sign_in_throttle; DELETE FROM app.rate_limit; DELETE FROM app.recovery_request; UPDATE app.activation SET tries = 0',
    )
  const shut = async () => {
    await forget()
    for (const email of [nurse.email, stranger])
      await database.query(
        `INSERT INTO app.sign_in_throttle (key, kind, failures, last_failure_at, blocked_until)
         SELECT k, 'account', 6, app.now(), app.now() + interval '1 minute' FROM unnest($1::bytea[]) k`,
        [await emailTokens(email)],
      )
  }
  const passwordOf = (email: string) => (client: Client) => checkPassword(email, 'not the one that it is', client)

  const made = await makeKnown(database, nurse.email, await emailTokens(nurse.email))
  const code = newActivationCode()
  const proof = activationProof(code, '1979-04-02')
  await database.query(
    `INSERT INTO app.activation (account_id, code_hash, birth_check, issued_by, request_id, is_first, documents, created_at, expires_at)
     SELECT a.id, $1, $2, a.id, $3, false, '{passport}', app.now(), app.now() + interval '14 days' FROM app.account a WHERE a.role = 'patient' LIMIT 1`,
    [proof.codeHash, proof.birthCheck, randomUUID()],
  )
  const activate = async (typed: string, client: Client) => {
    const shown = activationProof(typed, '1980-05-03')
    await limitCode('activation', client, shown.codeHash)
    return openActivation(shown, client)
  }
  const usedInvitation = newInvitationCode()
  await database.query(
    "INSERT INTO app.invitation (id, account_id, token_hash, expires_at, used_at) VALUES (gen_random_uuid(), $1, $2, app.now() + interval '1 day', app.now())",
    [made.accountId, invitationHash(usedInvitation)],
  )
  const invited = async (typed: string, client: Client) => {
    await limitCode('invitation', client, invitationHash(typed))
    return readInvitation(typed)
  }
  const linkHash = (token: string) => createHash('sha256').update(token, 'utf8').digest()
  const usedLink = randomBytes(32).toString('base64url')
  await database.query(
    `WITH m AS (INSERT INTO app.mail_outbox (account_id, kind, created_at, next_try_at, sent_at) VALUES ($1, 'recovery-link', app.now(), app.now(), app.now()) RETURNING id)
     INSERT INTO app.mail_link (token_hash, account_id, mail_id, purpose, made_at, expires_at, used_at)
     SELECT $2, $1, m.id, 'recovery', app.now(), app.now() + interval '30 minutes', app.now() FROM m`,
    [made.accountId, linkHash(usedLink)],
  )
  const reset = (token: string, client: Client) =>
    authQuery(z.object({}), 'SELECT app.recovery_try($1, $2)', [linkHash(token), client.ip])

  const place = { host: relyingParty.id, origin: relyingParty.origin }
  const [key, foreign] = [softPasskey(place), softPasskey(place)]
  const challenge = () => randomBytes(32).toString('base64url')
  const asked = challenge()
  const actor = brandActor({ accountId: made.accountId, role: 'nurse', displayName: 'A nurse', sessionToken: made.token, clientIp: null })
  const added = await keepPasskey(actor, asked, key.make(asked), 'Bench')
  if (added !== 'added') throw new Error(`the benchmark's passkey was not added: ${added}`)
  const sign = (device: typeof key) => (client: Client) => {
    const given = challenge()
    return verifyPasskey(given, device.answer(given, { isForged: true }), client)
  }

  return [
    { what: 'sign-in, wrong password', before: forget, exists: passwordOf(nurse.email), unknown: passwordOf(stranger) },
    { what: 'sign-in, while the address has to wait', before: shut, exists: passwordOf(nurse.email), unknown: passwordOf(stranger) },
    { what: 'forgot password', before: forget, exists: (client) => askRecovery(nurse.email, client), unknown: (client) => askRecovery(stranger, client) },
    { what: 'passkey, wrong signature', before: forget, exists: sign(key), unknown: sign(foreign) },
    { what: 'activation code, wrong birth date', before: forget, exists: (client) => activate(code, client), unknown: (client) => activate(newActivationCode(), client) },
    { what: 'invitation code that was used', before: forget, exists: (client) => invited(usedInvitation, client), unknown: (client) => invited(newInvitationCode(), client) },
    { what: 'link for a new password that was used', before: forget, exists: (client) => reset(usedLink, client), unknown: (client) => reset(challenge(), client) },
  ]
} // prettier-ignore

/** Somebody's account, and a session of theirs to add a passkey with. */
async function makeKnown(
  database: pg.Client,
  email: string,
  tokens: Buffer[],
): Promise<{ accountId: string; token: string }> {
  const token = randomBytes(32).toString('base64url')
  const { rows } = await database.query<{ id: string }>('SELECT app.account_by_email($1) AS id', [tokens])
  const accountId = rows[0]?.id ?? ''
  if (accountId === '') throw new Error(`the benchmark has no account of ${email}`)
  await database.query("SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '127.0.0.1', 'benchmark')", [accountId, token]) // prettier-ignore
  return { accountId, token }
}
