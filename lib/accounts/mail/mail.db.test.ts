import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openSession } from '#lib/auth/open-session.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { makeSignInCast, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { smtpServer, type SmtpServer } from '#lib/testing/smtp-server.ts'
import { openLetter } from './letter-cell.ts'
import { linkHash } from './mail-link.ts'
import { openTransport } from './open-transport.ts'
import { sendLetters } from './send-letters.ts'

// What would be lost if these failed: people would not hear that somebody else signs in as them, or hear it by a letter that
// says more than it may; and a link would do something that its holder did not ask for.

let cast: SignInCast
let server: SmtpServer
beforeAll(async () => {
  cast = await makeSignInCast()
  server = await smtpServer()
})
afterEach(async () => {
  await cast.sql.superuser.query('DELETE FROM app.mail_outbox')
  server.letters.length = server.lines.length = 0
  server.answerRecipients('250 2.1.5 fine')
})
afterAll(async () => {
  await server.close()
  await cast.close()
})

const way = (changes: object = {}) =>
  openTransport(
    {
      host: '127.0.0.1',
      port: server.port,
      implicitTls: false,
      isLoopback: true,
      user: undefined,
      password: undefined,
      passwordFile: undefined,
      from: 'no-reply@clinic.example',
      ...changes,
    },
    'localhost',
  )
const send = async (changes: object = {}) => {
  const transport = way(changes)
  try {
    return await asService('mail', (job) => sendLetters(job, transport))
  } finally {
    transport.close()
  }
}
const queue = (person: Person, kind: string) =>
  cast.sql.superuser.query('SELECT app.mail_queue($1, $2)', [person.accountId, kind])
const outbox = async (): Promise<Record<string, unknown>[]> =>
  (await cast.sql.superuser.query<Record<string, unknown>>('SELECT * FROM app.mail_outbox ORDER BY created_at, id')).rows // prettier-ignore
/** The letter's text, whatever transfer encoding it has. */
const textOf = (letter: string): string => letter.replaceAll('=\r\n', '').replaceAll('=3D', '=')
const tokenIn = (text: string): string => /\/mail-link\/[a-z-]+\/([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? ''
const session = (person: Person, ip = '198.51.100.7') =>
  openSession(person.accountId, 'totp', { ip, userAgent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/153.0' })
/** What noteDevice of lib/auth/known-device.ts asks: `former` is what the browser's cookie said. */
const note = async (token: string, device: string, former: string | null = null): Promise<string | undefined> =>
  (await appQuery<{ outcome: string }>('SELECT app.device_note($1, $2, $3) AS outcome', [token, linkHash(device), former === null ? null : linkHash(former)]))[0]?.outcome // prettier-ignore
const lock = async (token: string): Promise<boolean> =>
  (
    await appQuery<{ done: boolean }>('SELECT app.account_lock_by_link($1, NULL) AS done', [linkHash(token)])
  )[0]?.done === true

describe('sending', () => {
  test('hands a letter over once, to its person alone, and keeps nothing of it but that it was sent', async () => {
    const person = await cast.addPerson('patient')
    await queue(person, 'password-changed')
    const results = await Promise.all([send(), send()])
    expect(results.reduce((sum, { sent }) => sum + sent, 0)).toBe(1)
    expect(server.letters).toHaveLength(1)
    expect(server.lines.filter((line) => line.startsWith('RCPT'))).toEqual([`RCPT TO:<${person.email}>`])
    const text = textOf(server.letters[0] ?? '')
    expect(text).toContain('The password of your account was changed')
    expect(text).toContain('Auto-Submitted: auto-generated')
    expect(text).not.toMatch(/<html|Content-Type: text\/html/i)
    expect(await outbox()).toMatchObject([{ tries: 1, detail_sealed: null, given_up_at: null }])
    expect(JSON.stringify(await outbox())).not.toContain(tokenIn(text))
    expect(await send()).toEqual({ sent: 0, kept: 0, later: 0, givenUp: 0 })
  })

  test('waits longer with each try, keeps one live link, and gives up after nine', async () => {
    const person = await cast.addPerson('nurse')
    await queue(person, 'totp-added')
    const gone = { port: 1 }
    expect(await send(gone)).toMatchObject({ later: 1 })
    expect(await send(gone)).toMatchObject({ later: 0 })
    for (const minutes of [1, 5, 15, 60, 240, 720, 720]) {
      await cast.advanceClock(minutes * 60)
      expect(await send(gone), `after ${minutes} minutes`).toMatchObject({ later: 1 })
    }
    await cast.advanceClock(43_200)
    expect(await send(gone)).toMatchObject({ givenUp: 1 })
    expect(await outbox()).toMatchObject([{ tries: 9, refusal: 'ESOCKET' }])
    const { rows } = await cast.sql.superuser.query(
      'SELECT FROM app.mail_link WHERE account_id = $1 AND used_at IS NULL',
      [person.accountId],
    )
    expect(rows).toHaveLength(0)
    expect((await cast.eventsOf(person.accountId)).map(({ event }) => event)).toContain('MAIL_GIVEN_UP')
  })

  test('gives up at once where the address is nobody’s, and goes on to the next letter', async () => {
    const [gone, there] = [await cast.addPerson('nurse'), await cast.addPerson('nurse')]
    await queue(gone, 'totp-added')
    server.answerRecipients('550 5.1.1 no such user nobody@example.org')
    expect(await send()).toMatchObject({ givenUp: 1 })
    expect(JSON.stringify(await outbox())).not.toContain('no such user')
    server.answerRecipients('250 fine')
    await queue(there, 'totp-added')
    expect(await send()).toMatchObject({ sent: 1 })
  })

  test('says nothing to a server that offers no TLS, unless it is on this machine', async () => {
    await queue(await cast.addPerson('nurse'), 'totp-added')
    expect(await send({ isLoopback: false, user: 'vigil', password: 'secret' })).toMatchObject({ later: 1 })
    expect(server.letters).toEqual([])
    expect(server.lines.filter((line) => !/^(EHLO|HELO|STARTTLS|QUIT)/i.test(line))).toEqual([])
  })

  test('is the worker’s job alone', async () => {
    for (const text of ['SELECT * FROM app.mail_take($1)', `SELECT app.mail_kept($1, '{}')`])
      await expect(appQuery(text, [cast.people.admin.token])).rejects.toMatchObject({ code: '42501' })
    await expect(
      asService('import', (job) => appQuery('SELECT * FROM app.mail_take($1)', [job.sessionToken], 'worker')),
    ).rejects.toMatchObject({ code: '42501' })
  })
})

describe('a demo without a mail server', () => {
  test('keeps its letters, sealed to their rows', async () => {
    await queue(await cast.addPerson('patient'), 'passkey-removed')
    expect(await asService('mail', (job) => sendLetters(job, null))).toMatchObject({ kept: 1 })
    const [row] = await outbox()
    const sealed = String(row?.['detail_sealed'])
    expect(sealed).toMatch(/^phi1\./)
    expect((await openLetter(String(row?.['id']), sealed)).subject).toContain('A passkey was removed')
    await expect(openLetter('00000000-0000-4000-8000-000000000000', sealed)).rejects.toThrow()
  })
})

describe('a sign-in', () => {
  test('with a browser that was never seen is told of, with browser and network; with a known one it is not', async () => {
    const person = await cast.addPerson('patient')
    expect(await note(await session(person), 'first')).toBe('new')
    expect(await outbox()).toEqual([])
    expect(await note(await session(person), 'other', 'first')).toBe('known')
    expect(await outbox()).toEqual([])
    expect(await note(await session(person), 'second', 'planted by somebody')).toBe('new')
    expect(await outbox()).toMatchObject([{ kind: 'new-browser', account_id: person.accountId }])
    await send()
    const text = textOf(server.letters[0] ?? '')
    expect(text).toContain('Browser: Chrome on Windows')
    expect(text).toContain('198.51.100')
    expect(text).not.toContain('198.51.100.7')
    expect(await note(await session(person), 'other', 'second')).toBe('known')
    expect(await note(await session(person), 'other', 'planted by somebody')).toBe('new')
    expect((await outbox()).filter(({ sent_at: at }) => at === null)).toHaveLength(1)
    expect((await cast.eventsOf(person.accountId)).filter(({ event }) => event === 'SIGN_IN_FROM_NEW_BROWSER')).toHaveLength(2) // prettier-ignore
  })

  test('in a browser of several people goes on standing for each of them', async () => {
    const [mother, father] = [await cast.addPerson('patient'), await cast.addPerson('proxy')]
    await note(await session(mother), 'kitchen')
    await note(await session(father), 'kitchen too', 'kitchen')
    expect(await note(await session(mother), 'unused', 'kitchen too')).toBe('known')
    expect(await note(await session(father), 'unused', 'kitchen')).toBe('new')
  })

  test('whose second step fails three times is told of, at most once an hour', async () => {
    const person = await cast.addPerson('nurse')
    const fail = () => cast.sql.superuser.query('SELECT app.second_step_failed($1)', [person.accountId])
    await fail()
    await fail()
    expect(await outbox()).toEqual([])
    for (let count = 0; count < 20; count++) await fail()
    expect(await outbox()).toMatchObject([{ kind: 'second-step-failed' }])
    await cast.advanceClock(3601)
    await fail()
    expect(await outbox()).toHaveLength(2)
  })
})

describe('“this wasn’t me”', () => {
  const letterTo = async (person: Person): Promise<string> => {
    await queue(person, 'password-changed')
    await send()
    return tokenIn(textOf(server.letters.at(-1) ?? ''))
  }
  const standing = async (token: string) =>
    (await appQuery<{ state: string }>('SELECT state FROM app.session_peek($1)', [token]))[0]?.state

  test('ends everything and locks, once; nothing opens the account again by itself', async () => {
    const person = await cast.addPerson('nurse')
    const open = [await session(person), await session(person)]
    const [token, second] = [await letterTo(person), await letterTo(person)]
    expect(token).toHaveLength(43)
    expect(await lock(token)).toBe(true)
    for (const each of open) expect(await standing(each)).toBe('ended')
    await expect(session(person)).rejects.toThrow()
    expect(await lock(token)).toBe(false)
    expect(await lock(second)).toBe(false)
    for (const status of ['active', 'invited', 'deactivated', 'active']) {
      await cast.sql.superuser.query(
        `UPDATE app.account SET status = $2, deactivated_at = CASE WHEN $2 = 'deactivated' THEN now() END WHERE id = $1`,
        [person.accountId, status],
      )
      await expect(session(person), status).rejects.toThrow()
    }
    const events = (await cast.eventsOf(person.accountId)).map(({ event }) => event)
    expect(events).toContain('ACCOUNT_LOCKED')
    expect(events.filter((event) => event === 'MAIL_LINK_REFUSED')).toHaveLength(2)
    const { rows } = await cast.sql.superuser.query('SELECT kind FROM app.notice WHERE account_id = $1 AND reference = $2', [
      cast.people.admin.accountId, person.accountId,
    ]) // prettier-ignore
    expect(rows).toEqual([{ kind: 'account-locked' }])
  })

  test('pressed twice at once counts once; control: the account was open before', async () => {
    const person = await cast.addPerson('patient')
    await session(person)
    const token = await letterTo(person)
    expect((await Promise.all([lock(token), lock(token)])).filter(Boolean)).toHaveLength(1)
  })

  test('of a patient tells administrators that it happened, and not whose it is', async () => {
    const person = await cast.addPerson('patient')
    await lock(await letterTo(person))
    const { rows } = await cast.sql.superuser.query<{ kind: string; reference: string }>(
      `SELECT kind, reference FROM app.notice WHERE kind = 'patient-account-locked'`,
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.map(({ reference }) => reference)).not.toContain(person.accountId)
  })

  test('is over after seven days, and a link of another kind is none', async () => {
    const person = await cast.addPerson('patient')
    const token = await letterTo(person)
    await queue(person, 'recovery-link')
    await send()
    expect(await lock(tokenIn(textOf(server.letters.at(-1) ?? '')))).toBe(false)
    await cast.advanceClock(7 * 86_400)
    expect(await lock(token)).toBe(false)
    await expect(session(person)).resolves.toBeDefined()
  })
})
