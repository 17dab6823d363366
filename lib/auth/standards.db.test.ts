import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { makeSignInCast, password, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { checkOneTimeCode } from './check-second-factor.ts'
import { checkPassword } from './check-password.ts'
import { newSessionToken } from './session-token.ts'
import { totpCode } from './totp.ts'

// What ASVS 5.0 and SP 800-63B-4 ask for and no other test says: docs/asvs.md names these.

let cast: SignInCast
let accountsAtFirst: number | undefined
beforeAll(async () => {
  const [row] = await appQuery<{ n: number }>('SELECT count(*)::int AS n FROM app.account')
  accountsAtFirst = row?.n
  cast = await makeSignInCast()
})
afterEach(() => vi.useRealTimers())
afterAll(() => cast.close())

const client = { ip: '192.0.2.9', userAgent: 'test' }

test('nobody comes with the product, and the accounts of its jobs have nothing to sign in with', async () => {
  expect(accountsAtFirst).toBe(0)
  await cast.addPerson('nurse')
  const { rows } = await cast.sql.superuser.query<{ password_hash: string | null; second: boolean }>(
    `SELECT a.password_hash, app.has_second_factor(a.id) AS second FROM app.account a WHERE a.role = 'service'`,
  )
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) expect(row).toEqual({ password_hash: null, second: false })
})

test('a password runs out by nothing but its owner’s will: one of ten years ago opens the next step', async () => {
  const nurse = await cast.addPerson('nurse')
  await cast.sql.superuser.query(
    `UPDATE app.account SET password_changed_at = app.now() - interval '10 years', created_at = app.now() - interval '11 years' WHERE id = $1`,
    [nurse.accountId],
  )
  expect((await checkPassword(nurse.email, password, client)).kind).toBe('second-factor')
  expect((await checkPassword(nurse.email, 'seven quiet badgers', client)).kind).toBe('wrong')
})

test('one-time codes are checked by the database’s clock, whatever the process’s own clock says', async () => {
  const nurse = await cast.addPerson('nurse')
  const realNow = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: realNow + 3_600_000 })
  const codeOfTheProcess = totpCode(nurse.totpSecret, Date.now())
  const code = await nurse.code()
  expect(codeOfTheProcess).not.toBe(code)
  expect((await checkOneTimeCode(nurse.accountId, codeOfTheProcess, client)).kind).toBe('wrong')
  expect((await checkOneTimeCode(nurse.accountId, code, client)).kind).toBe('accepted')
})

test('no hint, no secret question and no telephone number is kept of anybody', async () => {
  const columns = await cast.sql.superuser.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'app'`,
  )
  const names = columns.rows.map(({ name }) => name)
  expect(names).toContain('account.password_hash')
  expect(names.filter((name) => /hint|question|answer_text|phone|sms|mother|pet_/.test(name))).toEqual([])
})

test('a session’s token has 256 random bits, and no two are alike', () => {
  const tokens = Array.from({ length: 2000 }, newSessionToken)
  expect(new Set(tokens).size).toBe(2000)
  for (const token of tokens.slice(0, 20)) expect(Buffer.from(token, 'base64url')).toHaveLength(32)
})

test('nothing but a row of app.session opens anything: a secret of the process is no token', async () => {
  const nurse = await cast.addPerson('nurse')
  for (const made of [nurse.accountId, nurse.totpSecret, process.env['SESSION_SECRET'] ?? 'a secret', '']) {
    const [row] = await appQuery<{ state: string }>('SELECT state FROM app.session_peek($1)', [made])
    expect(row?.state).toBe('unknown')
  }
})
