import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { makeDoorCast, type Cast } from '#lib/testing/door-cast.ts'
import { activationProof, newActivationCode } from '#lib/auth/activation.ts'
import { invitationHash, newInvitationCode } from '#lib/auth/invitation.ts'
import { doors } from './doors.ts'
import { limitBrowser } from './limit-browser.ts'
import { limitCode } from './limit-code.ts'
import { limitDoor } from './limit-door.ts'

// What would be lost if these failed: codes and links could be guessed as fast as the machine answers, or one person who
// guesses would shut out everybody else.

let cast: Cast
beforeAll(async () => {
  cast = await makeDoorCast()
})
afterAll(async () => {
  await endPools()
  await cast.close()
})

const knock = (ip: string | null, subject?: string) =>
  limitDoor('activation', { client: { ip }, ...(subject === undefined ? {} : { subject }) })
const kindsOf = async (work: Promise<{ kind: string }>[]): Promise<string[]> =>
  (await Promise.all(work)).map(({ kind }) => kind)
const passed = (kinds: string[]): number => kinds.filter((kind) => kind === 'go-on').length
/** Lets the waits end; the counts stay. */
const waitsEnd = () =>
  cast.sql.superuser.query("UPDATE app.rate_limit SET expire = 1 WHERE key LIKE '%/turn:%'")
const { address, network, subject } = doors.activation

describe('a door', () => {
  test('lets so many attempts of an address through, then one at a time with a wait that doubles', async () => {
    const burst = await kindsOf(Array.from({ length: address + 40 }, () => knock('192.0.2.1')))
    expect(passed(burst)).toBe(address + 1)
    // one after the other, so that each wait is known
    for (let turn = 0; turn < address + 1; turn += 1) await knock('192.0.2.3')
    const first = await knock('192.0.2.3')
    const waits = [first.kind === 'wait' ? first.seconds : 0]
    for (let turn = 0; turn < 3; turn += 1) {
      await waitsEnd()
      expect((await knock('192.0.2.3')).kind).toBe('go-on')
      const next = await knock('192.0.2.3')
      waits.push(next.kind === 'wait' ? next.seconds : 0)
    }
    expect(waits.map((seconds) => Math.round(seconds / 30))).toEqual([1, 2, 4, 8])
  })

  test('does not hold up the neighbours for one address, nor another door', async () => {
    expect((await knock('192.0.2.2')).kind).toBe('go-on')
    expect((await limitDoor('recovery', { client: { ip: '192.0.2.3' } })).kind).toBe('go-on')
  })

  test('remembers in the database, whichever process asks', async () => {
    await endPools()
    expect((await knock('192.0.2.3')).kind).toBe('wait')
  })

  test('counts a network that comes with an address for each attempt', async () => {
    const many = (prefix: (at: number) => string) =>
      kindsOf(Array.from({ length: network + 20 }, (_, at) => knock(prefix(at))))
    expect(passed(await many((at) => `198.51.100.${at + 1}`))).toBe(network + 1)
    expect((await knock('198.51.101.1')).kind).toBe('go-on')
    // a whole /64 is one address; a /48 one network
    expect(passed(await many((at) => `2001:db8:1:1::${(at + 1).toString(16)}`))).toBe(address + 1)
    expect(passed(await many((at) => `2001:db8:2:${(at + 1).toString(16)}::1`))).toBe(network + 1)
  })

  test('counts what is tried from everywhere', async () => {
    const kinds = await kindsOf(
      Array.from({ length: subject + 10 }, (_, at) => knock(`203.0.${at}.7`, 'one code')),
    )
    expect(passed(kinds)).toBe(subject + 1)
    expect((await knock('203.0.99.7', 'another code')).kind).toBe('go-on')
  })

  test('does not count those who belong there', async () => {
    for (let turn = 0; turn < address * 2; turn += 1) {
      const outcome = await knock('192.0.2.50')
      if (outcome.kind === 'go-on') await outcome.giveBack()
    }
    expect((await knock('192.0.2.50')).kind).toBe('go-on')
  })
})

// One telephone in the waiting room has the address of the whole clinic.
describe('while a stranger at the same address tries codes', () => {
  const ip = '198.18.0.1'
  const flood = async (door: 'activation' | 'invitation' | 'mail-change' | 'this-wasnt-me') => {
    for (let turn = 0; turn < doors[door].address + 2; turn += 1)
      await limitCode(door, { ip }, randomBytes(32))
    return (await limitCode(door, { ip }, randomBytes(32))).kind
  }

  test('a good activation code goes on, with five birth dates as before and not one more', async () => {
    expect(await flood('activation')).toBe('wait')
    const code = newActivationCode()
    const [proof, wrong] = [activationProof(code, '1979-04-02'), activationProof(code, '1979-04-03')]
    await cast.sql.superuser.query(
      `INSERT INTO app.activation (account_id, code_hash, birth_check, issued_by, request_id, is_first, documents, created_at, expires_at)
       VALUES ($1, $2, $3, $1, $4, false, '{passport}', app.now(), app.now() + interval '1 day')`,
      [cast.people.patient.accountId, proof.codeHash, proof.birthCheck, randomUUID()],
    )
    const tried = async (one: typeof proof) => {
      if ((await limitCode('activation', { ip }, one.codeHash)).kind === 'wait') return 'wait'
      const opened = await cast.sql.app.query('SELECT app.activation_open($1, $2, $3)', [
        one.codeHash,
        one.birthCheck,
        ip,
      ])
      return opened.rows.length === 1 ? 'open' : 'wrong'
    }
    expect(await tried(proof)).toBe('open')
    const answers = []
    for (let turn = 0; turn < 7; turn += 1) answers.push(await tried(wrong))
    expect(answers).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wait', 'wait'])
    expect(await tried(proof)).toBe('wait')
  })

  test('a good invitation and good links of letters go on, for their own door alone and until they are used', async () => {
    const [code, link] = [newInvitationCode(), randomBytes(32)]
    const invited = randomUUID()
    await cast.sql.superuser.query(
      `WITH a AS (INSERT INTO app.account (id, role, display_name, email_sealed, email_token, email_token_even, status)
                  SELECT $1, 'nurse', 'Wendy Park', email_sealed, sha256($2), sha256($2), 'invited' FROM app.account LIMIT 1 RETURNING id)
       INSERT INTO app.invitation (id, account_id, token_hash, expires_at) SELECT gen_random_uuid(), a.id, $3, app.now() + interval '1 day' FROM a`,
      [invited, randomBytes(8), invitationHash(code)],
    )
    await cast.sql.superuser.query(
      `WITH m AS (SELECT app.mail_queue($1, 'recovery-link') AS id)
       INSERT INTO app.mail_link (token_hash, account_id, mail_id, purpose, made_at, expires_at)
       SELECT $2, $1, m.id, 'not-me', app.now(), app.now() + interval '1 day' FROM m`,
      [cast.people.patient.accountId, link],
    )
    for (const door of ['invitation', 'mail-change', 'this-wasnt-me'] as const)
      expect(await flood(door)).toBe('wait')
    const kindOf = async (door: 'invitation' | 'mail-change' | 'this-wasnt-me', hash: Buffer) =>
      (await limitCode(door, { ip }, hash)).kind
    expect(await kindOf('invitation', invitationHash(code))).toBe('go-on')
    expect(await kindOf('this-wasnt-me', link)).toBe('go-on')
    expect(await kindOf('mail-change', link)).toBe('wait')
    expect(await kindOf('invitation', link)).toBe('wait')
    await cast.sql.superuser.query('UPDATE app.invitation SET used_at = app.now() WHERE account_id = $1', [
      invited,
    ])
    expect(await kindOf('invitation', invitationHash(code))).toBe('wait')
  })

  test('a browser in which somebody signed in can ask for a new password, and is counted by itself and by the address it asks for', async () => {
    const stranger = { ip, userAgent: null }
    for (let turn = 0; turn < doors.recovery.address + 2; turn += 1)
      await limitBrowser('recovery', stranger, `${turn}@example.org`)
    const own = { ...stranger, device: randomBytes(32) }
    const ask = async (client: typeof stranger, email: string) =>
      (await limitBrowser('recovery', client, email)).kind
    // a mark that nobody is known by helps nobody
    expect(await ask(own, 'maria@example.org')).toBe('wait')
    await cast.sql.app.query('SELECT app.device_note($1, $2, NULL)', [cast.people.patient.token, own.device])
    const kinds = []
    for (let turn = 0; turn < doors.recovery.subject + 2; turn += 1)
      kinds.push(await ask(own, `${turn}@example.net`))
    expect(passed(kinds)).toBe(doors.recovery.subject + 1)
    // and letters to one person stay few, whichever browsers ask
    const browsers = []
    for (let turn = 0; turn < doors.recovery.subject + 2; turn += 1) {
      const other = { ...stranger, device: randomBytes(32) }
      await cast.sql.app.query('SELECT app.device_note($1, $2, NULL)', [
        cast.people.patient.token,
        other.device,
      ])
      browsers.push(await ask(other, 'otto@example.org'))
    }
    expect(passed(browsers)).toBe(doors.recovery.subject + 1)
  })
})

test('neither an address nor a subject can be read from the table; the event says where it came from', async () => {
  const { rows } = await cast.sql.superuser.query<{ key: string }>('SELECT key FROM app.rate_limit')
  expect(rows.length).toBeGreaterThan(200)
  for (const { key } of rows)
    expect(key).toMatch(/^[a-z-]+\/(address|network|subject)\/(count|turn):[\w-]{43}$/)
  const events = await cast.sql.superuser.query(
    "SELECT detail, outcome FROM audit.security_event_log WHERE event_type = 'DOOR_LIMITED' AND host(client_ip) = '192.0.2.3' ORDER BY seq LIMIT 2",
  )
  expect(events.rows).toEqual([
    { detail: { door: 'activation', by: 'address', seconds: 30 }, outcome: 'REFUSED' },
    { detail: { door: 'activation', by: 'address', seconds: 60 }, outcome: 'REFUSED' },
  ])
})

test('the web login can forget nothing, and what is over is swept away', async () => {
  await expect(cast.sql.app.query('DELETE FROM app.rate_limit')).rejects.toThrow('permission denied')
  await waitsEnd()
  const [swept] = await appQuery<{ gone: number }>('SELECT app.rate_limit_sweep() AS gone', [], 'worker')
  expect(swept?.gone).toBeGreaterThan(3)
  const { rows } = await cast.sql.superuser.query("SELECT FROM app.rate_limit WHERE key LIKE '%/turn:%'")
  expect(rows).toEqual([])
})

test('nobody goes on when attempts cannot be counted', async () => {
  await cast.sql.superuser.query('ALTER TABLE app.rate_limit RENAME TO rate_limit_away')
  await expect(knock('192.0.2.77')).rejects.toBeInstanceOf(RecordUnavailable)
  await cast.sql.superuser.query('ALTER TABLE app.rate_limit_away RENAME TO rate_limit')
  expect((await knock('192.0.2.77')).kind).toBe('go-on')
})
