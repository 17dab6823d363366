import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { randomBytes } from 'node:crypto'
import {
  agreeToStaffRecovery,
  askStaffRecovery,
  listStaffRecoveries,
  recoverAsOperator,
} from '#lib/accounts/people/staff-recovery.ts'
import { openTransport } from '#lib/accounts/mail/open-transport.ts'
import { sendLetters } from '#lib/accounts/mail/send-letters.ts'
import { checkPassword } from '#lib/auth/check-password.ts'
import { acceptInvitation, readInvitation } from '#lib/auth/invitation.ts'
import { keepMailLink } from '#lib/auth/mail-link.ts'
import { openSession } from '#lib/auth/open-session.ts'
import { keepPasskey } from '#lib/auth/passkey/add-passkey.ts'
import { relyingParty } from '#lib/auth/passkey/relying-party.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import {
  FakeBrowser,
  makeSignInCast,
  password,
  type Person,
  type SignInCast,
} from '#lib/testing/sign-in-cast.ts'
import { smtpServer, type SmtpServer } from '#lib/testing/smtp-server.ts'
import { softPasskey } from '#lib/testing/soft-passkey.ts'
import { renewInvitation } from '#lib/accounts/people/invite-person.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { raiseSession } from '#lib/auth/session.ts'
import { signInWithSecondFactor } from '#lib/auth/sign-in-with-second-factor.ts'
import { startEnrolment } from '#lib/auth/start-sign-in.ts'
import { totpCode } from '#lib/auth/totp.ts'
import { askRecovery } from './ask-recovery.ts'
import { askEmailChange, confirmAddress, readMyEmail } from './email-change.ts'
import { lockAccount } from './lock-account.ts'
import { beginPasskeyRecovery, proveRecovery, recoveryStage } from './prove-recovery.ts'
import { resetPassword } from './reset-password.ts'

// What would be lost if these failed: whoever reads somebody's mail could take over their account, an administrator alone could take
// over a colleague's, and a stranger could learn who has an account here.

const browser = new FakeBrowser()
vi.mock('next/headers', () => ({
  headers: () => browser.asNextHeaders().headers(),
  cookies: () => browser.asNextHeaders().cookies(),
}))

let cast: SignInCast
let server: SmtpServer
beforeAll(async () => {
  cast = await makeSignInCast()
  server = await smtpServer()
})
afterAll(async () => {
  await server.close()
  await cast.close()
})
beforeEach(async () => {
  browser.clear()
  server.letters.length = server.lines.length = 0
  await cast.sql.superuser.query('DELETE FROM app.mail_outbox')
})

let lastAddress = 0
const client = () => ({
  ip: `203.0.113.${(lastAddress += 1)}`,
  userAgent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/153.0',
})
const next = 'a new and much longer sentence'
/** Sends what waits, and answers with the letters to an address, as text. */
const lettersTo = async (email: string): Promise<string[]> => {
  const transport = openTransport(
    { host: '127.0.0.1', port: server.port, implicitTls: false, isLoopback: true, user: undefined, password: undefined, passwordFile: undefined, from: 'no-reply@clinic.example' },
    'localhost',
  ) // prettier-ignore
  await asService('mail', (job) => sendLetters(job, transport)).finally(() => transport.close())
  return server.letters.filter((letter) => letter.includes(`To: ${email}`)).map((letter) => letter.replaceAll('=\r\n', '').replaceAll('=3D', '=')) // prettier-ignore
}
/** Opens the link of a letter in the browser. */
const follow = async (letter: string): Promise<string | null> => {
  const [, purpose = '', token = ''] = /\/mail-link\/([a-z-]+)\/([A-Za-z0-9_-]{43})/.exec(letter) ?? []
  return keepMailLink(purpose, token)
}
const askedLetter = async (person: Person): Promise<string> => {
  await askRecovery(person.email, client())
  return (await lettersTo(person.email)).at(-1) ?? ''
}
const signedIn = async (person: { accountId: string; role: Person['role'] }): Promise<Actor> =>
  brandActor({
    accountId: person.accountId,
    role: person.role,
    displayName: '',
    sessionToken: await openSession(person.accountId, 'totp', client()),
    clientIp: null,
  })
const standing = async ({ sessionToken }: Actor) =>
  (await appQuery<{ state: string }>('SELECT state FROM app.session_peek($1)', [sessionToken]))[0]?.state
const events = async (person: { accountId: string }) =>
  (await cast.eventsOf(person.accountId)).map(({ event }) => event)
const outcomeOf = async (person: Person, word: string) =>
  (await checkPassword(person.email, word, client())).kind

describe('a new password', () => {
  test('takes the letter and the second factor, ends every session, touches no factor, and signs nobody in', async () => {
    const person = await cast.addPerson('patient')
    const before = await signedIn(person)
    expect(await follow(await askedLetter(person))).toBe('recovery')
    expect(await recoveryStage()).toBe('prove')
    // the letter alone is not enough
    expect(await resetPassword(next, client())).toEqual({ kind: 'gone' })
    expect(await outcomeOf(person, password)).toBe('second-factor')
    expect(await proveRecovery('totp', '000000', client())).toMatchObject({ kind: 'wrong' })
    expect(await proveRecovery('totp', await person.code(), client())).toEqual({ kind: 'proven' })
    expect(await recoveryStage()).toBe('password')
    expect(await resetPassword('password1234', client())).toMatchObject({ kind: 'refused' })
    expect(await resetPassword(next, client())).toEqual({ kind: 'set' })
    expect(await standing(before)).toBe('ended')
    expect(browser.jar.has('vigil-session')).toBe(false)
    expect(await outcomeOf(person, next)).toBe('second-factor')
    expect(await outcomeOf(person, password)).toBe('wrong')
    expect(await events(person)).toEqual(
      expect.arrayContaining(['RECOVERY_ASKED', 'RECOVERY_PROVEN', 'PASSWORD_RESET']),
    )
    // told, and the link is used up
    expect((await lettersTo(person.email)).at(-1)).toContain('The password of your account was changed')
    expect(await resetPassword('yet another long sentence', client())).toEqual({ kind: 'gone' })
  })

  test('can be had with a passkey, by its owner alone, also where it is the only factor', async () => {
    const [person, stranger] = [await cast.addPerson('patient'), await cast.addPerson('patient')]
    const keyOf = async (of: Person) => {
      const key = softPasskey({ host: relyingParty.id, origin: relyingParty.origin })
      const challenge = randomBytes(32).toString('base64url')
      expect(await keepPasskey(await signedIn(of), challenge, key.make(challenge), 'Phone')).toBe('added')
      return key
    }
    const [own, others] = [await keyOf(person), await keyOf(stranger)]
    await cast.sql.superuser.query('UPDATE app.account SET totp_secret_sealed = NULL, totp_last_step = NULL, totp_enrolled_at = NULL WHERE id = $1', [person.accountId]) // prettier-ignore
    await follow(await askedLetter(person))
    const answer = async (key: typeof own) => key.answer((await beginPasskeyRecovery())?.challenge ?? '')
    expect(await proveRecovery('passkey', await answer(others), client())).toMatchObject({ kind: 'wrong' })
    expect(await recoveryStage()).toBe('prove')
    expect(await proveRecovery('passkey', await answer(own), client())).toEqual({ kind: 'proven' })
    expect(await resetPassword(next, client())).toEqual({ kind: 'set' })
  })

  test('a link has five tries, beside each other as well, and the owner can ask for another', async () => {
    const person = await cast.addPerson('patient')
    await follow(await askedLetter(person))
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => proveRecovery('totp', '000000', client())),
    )
    expect(outcomes.filter(({ kind }) => kind === 'gone')).toHaveLength(7)
    expect(await proveRecovery('totp', await person.code(), client())).toEqual({ kind: 'gone' })
    await follow(await askedLetter(person))
    expect(await recoveryStage()).toBe('prove')
  })

  test('after ten wrong second factors in a day there is no further link', async () => {
    const person = await cast.addPerson('patient')
    for (let link = 0; link < 2; link++) {
      await follow(await askedLetter(person))
      for (let tries = 0; tries < 5; tries++) await proveRecovery('recovery-code', 'AAAAA-AAAAA', client())
    }
    await cast.advanceClock(2 * 3600)
    const letter = await askedLetter(person)
    expect(letter).toContain('no more of them for a day')
    expect(letter).not.toContain('/mail-link/')
    await cast.advanceClock(86_400)
    expect(await follow(await askedLetter(person))).toBe('recovery')
  })

  test('only the newest link works, for thirty minutes, and ten after the second factor', async () => {
    const person = await cast.addPerson('patient')
    const [first, second] = [await askedLetter(person), await askedLetter(person)]
    await follow(first)
    expect(await recoveryStage()).toBe('gone')
    await follow(second)
    await cast.advanceClock(20 * 60)
    expect(await proveRecovery('totp', await person.code(), client())).toEqual({ kind: 'proven' })
    await cast.advanceClock(601)
    expect(await resetPassword(next, client())).toEqual({ kind: 'gone' })
    await follow(await askedLetter(person))
    await cast.advanceClock(30 * 60)
    expect(await recoveryStage()).toBe('gone')
  })

  test('asking writes the same rows for everybody, and only open patients get a link, three an hour', async () => {
    const patient = await cast.addPerson('patient')
    const [nurse, locked, closed] = [
      await cast.addPerson('nurse'),
      await cast.addPerson('patient'),
      await cast.addPerson('patient'),
    ]
    await cast.sql.superuser.query(
      `UPDATE app.account SET locked_at = now(), status = 'locked' WHERE id = $1`,
      [locked.accountId],
    )
    await cast.sql.superuser.query(
      `UPDATE app.account SET status = 'deactivated', deactivated_at = now() WHERE id = $1`,
      [closed.accountId],
    )
    const written = async () =>
      (await cast.sql.superuser.query<Record<string, string>>(`SELECT (SELECT count(*) FROM app.recovery_request) AS requests, (SELECT count(*) FROM app.mail_outbox) AS letters,
        (SELECT count(*) FROM app.rate_limit) AS limits, (SELECT count(*) FROM audit.security_event_log) AS events`)).rows[0] // prettier-ignore
    // the first to come from an unknown address is counted by address and network as well
    await askRecovery('first@example.org', { ip: null, userAgent: null })
    const changes: string[] = []
    for (const email of [patient.email, 'nobody@example.org', nurse.email, locked.email, closed.email]) {
      const before = await written()
      expect(await askRecovery(email, { ip: null, userAgent: null })).toEqual({ kind: 'asked' })
      const after = await written()
      changes.push(
        JSON.stringify(
          Object.keys(before ?? {}).map((name) => Number(after?.[name]) - Number(before?.[name])),
        ),
      )
    }
    expect([...new Set(changes)]).toHaveLength(1)
    expect(await lettersTo(patient.email)).toHaveLength(1)
    expect(server.letters).toHaveLength(3)
    expect((await lettersTo(nurse.email))[0]).not.toContain('/mail-link/')
    expect((await lettersTo(locked.email))[0]).not.toContain('/mail-link/')
    for (let count = 0; count < 4; count++) {
      await askRecovery(patient.email, client())
      await lettersTo(patient.email)
    }
    expect((await lettersTo(patient.email)).length).toBe(3)
    expect((await askRecovery('nobody@example.org', client())).kind).toBe('asked')
  })

  test('is over when the account is locked meanwhile', async () => {
    const person = await cast.addPerson('patient')
    await signedIn(person)
    await cast.sql.superuser.query('SELECT app.mail_queue($1, $2)', [person.accountId, 'new-browser'])
    const warning = (await lettersTo(person.email))[0] ?? ''
    await follow(await askedLetter(person))
    expect(await proveRecovery('totp', await person.code(), client())).toEqual({ kind: 'proven' })
    const jar = new Map(browser.jar)
    await follow(warning)
    expect(await lockAccount(client())).toEqual({ kind: 'locked' })
    for (const [name, value] of jar) browser.jar.set(name, value)
    expect(await resetPassword(next, client())).toEqual({ kind: 'gone' })
  })
})

describe('another e-mail address', () => {
  test('is the account’s when the new one is confirmed; the old one is told twice, and its link locks', async () => {
    const person = await cast.addPerson('patient')
    const actor = await signedIn(person)
    const elsewhere = await signedIn(person)
    const address = `new.${person.accountId.slice(0, 8)}@example.org`
    expect(await askEmailChange(actor, person.email.toUpperCase())).toBe('same')
    expect(await askEmailChange(actor, address)).toBe('asked')
    expect((await lettersTo(person.email))[0]).toContain('asked us to use another email address')
    expect(await outcomeOf(person, password)).toBe('second-factor')
    expect(await follow((await lettersTo(address))[0] ?? '')).toBe('new-address')
    expect(await confirmAddress(client())).toEqual({ kind: 'confirmed' })
    // whoever was signed in elsewhere is not any more; where it was asked for, the session goes on
    expect([await standing(elsewhere), await standing(actor)]).toEqual(['ended', 'active'])
    expect(await readMyEmail(actor)).toBe(address)
    expect(await outcomeOf(person, password)).toBe('wrong')
    expect(await outcomeOf({ ...person, email: address }, password)).toBe('second-factor')
    const told = (await lettersTo(person.email)).at(-1) ?? ''
    expect(told).toContain('another email address now')
    expect(await follow(told)).toBe('not-me')
    expect(await lockAccount(client())).toEqual({ kind: 'locked' })
    expect(await standing(actor)).toBe('ended')
    expect(await events(person)).toEqual(
      expect.arrayContaining(['EMAIL_CHANGE_ASKED', 'EMAIL_CHANGED', 'ACCOUNT_LOCKED']),
    )
    const rows = await cast.sql.superuser.query<{ all: string }>(
      'SELECT e::text || t::text AS all FROM app.email_change e, app.sealed_text t',
    )
    expect(rows.rows.map(({ all }) => all).join()).not.toContain('@example.org')
  })

  test('of somebody else is answered alike, gets no letter, and cannot be confirmed by whoever was faster', async () => {
    const [person, other] = [await cast.addPerson('patient'), await cast.addPerson('patient')]
    const actor = await signedIn(person)
    expect(await askEmailChange(actor, other.email)).toBe('asked')
    expect(await lettersTo(other.email)).toEqual([])
    const wanted = `wanted.${person.accountId.slice(0, 8)}@example.org`
    expect(await askEmailChange(actor, wanted)).toBe('asked')
    const mine = (await lettersTo(wanted))[0] ?? ''
    expect(await askEmailChange(await signedIn(other), wanted)).toBe('asked')
    const theirs = (await lettersTo(wanted)).at(-1) ?? ''
    await follow(theirs)
    expect(await confirmAddress(client())).toEqual({ kind: 'confirmed' })
    await follow(mine)
    expect(await confirmAddress(client())).toEqual({ kind: 'gone' })
    expect(await readMyEmail(actor)).toBe(person.email)
  })

  test('comes back with the account to whoever locks it from the letter that told of the change', async () => {
    const person = await cast.addPerson('patient')
    const thief = await signedIn(person)
    const moved = async (address: string) => {
      expect(await askEmailChange(thief, address)).toBe('asked')
      await follow((await lettersTo(address)).at(-1) ?? '')
      expect(await confirmAddress(client())).toEqual({ kind: 'confirmed' })
    }
    const theirs = `thief.${person.accountId.slice(0, 8)}@example.org`
    await moved(theirs)
    const told = (await lettersTo(person.email)).at(-1) ?? ''
    // whoever has the new address locks first: that takes nothing from the owner
    await moved(`again.${person.accountId.slice(0, 8)}@example.org`)
    const letters = await lettersTo(theirs)
    const second = letters.find((letter) => letter.includes('another email address now')) ?? ''
    await follow(letters.find((letter) => letter.includes('asked us to use another')) ?? '')
    expect(await lockAccount(client())).toEqual({ kind: 'locked' })
    await follow(told)
    expect(await lockAccount(client())).toEqual({ kind: 'locked' })
    // what was left later gives no address back any more
    await follow(second)
    expect(await lockAccount(client())).toEqual({ kind: 'gone' })
    await cast.sql.superuser.query(
      "UPDATE app.account SET locked_at = NULL, status = 'active' WHERE id = $1",
      [person.accountId],
    )
    expect(await outcomeOf(person, password)).toBe('second-factor')
    expect(await outcomeOf({ ...person, email: theirs }, password)).toBe('wrong')
    expect(await cast.eventsOf(person.accountId)).toContainEqual(
      expect.objectContaining({ event: 'EMAIL_CHANGED', detail: { restored: true } }),
    )
  })

  test('locks all the same where the address that was left does not open any more', async () => {
    const person = await cast.addPerson('patient')
    const thief = await signedIn(person)
    const theirs = `damaged.${person.accountId.slice(0, 8)}@example.org`
    expect(await askEmailChange(thief, theirs)).toBe('asked')
    await follow((await lettersTo(theirs)).at(-1) ?? '')
    expect(await confirmAddress(client())).toEqual({ kind: 'confirmed' })
    const told = (await lettersTo(person.email)).at(-1) ?? ''
    await cast.sql.superuser.query(
      `UPDATE app.sealed_text t SET content_sealed = n.content_sealed FROM app.email_change c JOIN app.sealed_text n ON n.id = c.new_text_id
        WHERE t.id = c.former_text_id AND c.account_id = $1`,
      [person.accountId],
    )
    await follow(told)
    expect(await lockAccount(client())).toEqual({ kind: 'locked' })
    expect(await outcomeOf(person, password)).toBe('wrong')
  })

  test('is asked for with everything shown again: a code of the last minutes alone is not enough', async () => {
    const person = await cast.addPerson('patient')
    const actor = await signedIn(person)
    await cast.advanceClock(301)
    const raised = { ...actor, sessionToken: (await raiseSession(actor.sessionToken, 'totp')) ?? '' }
    expect(await askEmailChange(raised, 'elsewhere@example.org')).toBe('code-needed')
    await appQuery('SELECT app.password_shown($1)', [raised.sessionToken])
    expect(await askEmailChange(raised, `else.${person.accountId.slice(0, 8)}@example.org`)).toBe('asked')
  })

  test('needs a fresh second factor in the database, and a live session', async () => {
    const person = await cast.addPerson('nurse')
    const actor = await signedIn(person)
    await cast.advanceClock(301)
    expect(await askEmailChange(actor, 'somewhere@example.org')).toBe('code-needed')
    await cast.sql.superuser.query(
      `UPDATE app.account SET locked_at = now(), status = 'locked' WHERE id = $1`,
      [person.accountId],
    )
    await expect(askEmailChange(actor, 'somewhere@example.org')).rejects.toThrow()
    expect(await lettersTo('somewhere@example.org')).toEqual([])
  })
})

describe('a colleague’s sign-in', () => {
  const three = async () =>
    [await cast.addPerson('admin'), await cast.addPerson('admin'), await cast.addPerson('nurse')] as const
  const requestOf = async (admin: Actor, person: Person) =>
    (await listStaffRecoveries(admin)).find(({ accountId }) => accountId === person.accountId)?.requestId ??
    ''

  /** The whole code, of both halves. */
  const byTwo = async (first: Actor, second: Actor, person: Person): Promise<string> => {
    const asked = await askStaffRecovery(first, person.accountId, 'lost-factors')
    const half = await agreeToStaffRecovery(second, await requestOf(second, person))
    return `${asked.kind === 'asked' ? asked.half : ''}-${half}`
  }

  test('is set up anew by two administrators, of whom neither has the whole code', async () => {
    const [ada, bea, nurse] = await three()
    const [first, second] = [await signedIn(ada), await signedIn(bea)]
    const open = await signedIn(nurse)
    const asked = await askStaffRecovery(first, nurse.accountId, 'lost-factors')
    if (asked.kind !== 'asked') throw new Error('not asked')
    expect(await standing(open)).toBe('active')
    expect(await askStaffRecovery(second, nurse.accountId, 'lost-factors')).toEqual({ kind: 'open' })
    const request = await requestOf(second, nurse)
    // who asked does not agree
    expect(await agreeToStaffRecovery(first, request)).toBeNull()
    const half = await agreeToStaffRecovery(second, request)
    expect(await standing(open)).toBe('ended')
    expect(await outcomeOf(nurse, password)).toBe('wrong')
    for (const guess of [asked.half, half ?? '', `${asked.half}-${asked.half}`])
      expect(await readInvitation(guess)).toBeNull()
    const code = `${asked.half}-${half}`
    expect(await readInvitation(code)).toMatchObject({ accountId: nurse.accountId })
    expect(await acceptInvitation(code, next)).toBe(nurse.accountId)
    expect(await outcomeOf(nurse, next)).toBe('enrol')
    expect(await readInvitation(code)).toBeNull()
    expect(await events(nurse)).toEqual(
      expect.arrayContaining(['STAFF_RECOVERY_ASKED', 'STAFF_RECOVERY_REFUSED', 'STAFF_RECOVERY_AGREED']),
    )
    const letters = await lettersTo(nurse.email)
    expect(letters.some((letter) => letter.includes('A second administrator has to agree'))).toBe(true)
    expect(letters.join()).not.toContain(asked.half)
  })

  test('is not one’s own, not a patient’s, not on an old factor, not a day later, not of an administrator who is none any more', async () => {
    const [ada, bea, nurse] = await three()
    const patient = await cast.addPerson('patient')
    const [first, second] = [await signedIn(ada), await signedIn(bea)]
    expect(await askStaffRecovery(first, ada.accountId, 'forgot-password')).toEqual({ kind: 'nothing' })
    expect(await askStaffRecovery(first, patient.accountId, 'locked')).toEqual({ kind: 'nothing' })
    await expect(askStaffRecovery(await signedIn(nurse), ada.accountId, 'locked')).rejects.toMatchObject({
      code: '42501',
    })
    // one asks about the other, who cannot agree about themselves
    expect((await askStaffRecovery(first, bea.accountId, 'locked')).kind).toBe('asked')
    expect(await agreeToStaffRecovery(second, await requestOf(second, bea))).toBeNull()
    expect((await askStaffRecovery(first, nurse.accountId, 'locked')).kind).toBe('asked')
    const request = await requestOf(second, nurse)
    await cast.sql.superuser.query(`UPDATE app.account SET role = 'nurse' WHERE id = $1`, [ada.accountId])
    expect(await agreeToStaffRecovery(second, request)).toBeNull()
    await cast.sql.superuser.query(`UPDATE app.account SET role = 'admin' WHERE id = $1`, [ada.accountId])
    await cast.advanceClock(301)
    expect(await agreeToStaffRecovery(second, request)).toBeNull()
    expect(await events(bea)).toContain('STEP_UP_REFUSED')
    await cast.advanceClock(86_400)
    expect(await agreeToStaffRecovery(await signedIn(bea), request)).toBeNull()
    expect(await outcomeOf(nurse, password)).toBe('second-factor')
  })

  test('is set up anew by two again when the code was lost: one of them alone cannot make another', async () => {
    const [ada, bea, nurse] = await three()
    const [first, second] = [await signedIn(ada), await signedIn(bea)]
    await signedIn(nurse)
    const lost = await byTwo(first, second, nurse)
    expect(await renewInvitation(first, nurse.accountId)).toBeNull()
    expect(await readInvitation(lost)).not.toBeNull()
    const again = await byTwo(first, second, nurse)
    expect(await readInvitation(lost)).toBeNull()
    expect(await readInvitation(again)).toMatchObject({ accountId: nurse.accountId })
    expect(await cast.eventsOf(nurse.accountId)).toContainEqual({
      event: 'ACCOUNT_INVITED',
      detail: { again: true, reason: 'signed-in-before' },
    })
  })

  test('anew twice: who chose a password with the first code sets up no factor beside the second', async () => {
    const [ada, bea, nurse] = await three()
    const [first, second] = [await signedIn(ada), await signedIn(bea)]
    await signedIn(nurse)
    const enrols = async () => {
      const secret = (await readSealed('enrolment'))?.secret ?? ''
      const [row] = await appQuery<{ now: Date }>('SELECT app.now() AS now')
      return signInWithSecondFactor('enrolment', totpCode(secret, row?.now.getTime() ?? 0), client())
    }
    await acceptInvitation(await byTwo(first, second, nurse), 'what the thief has chosen')
    await startEnrolment(nurse.accountId, 'Nurse')
    await acceptInvitation(await byTwo(first, second, nurse), next)
    expect(await enrols()).toEqual({ kind: 'gone' })
    expect((await cast.eventsOf(nurse.accountId)).at(-1)).toEqual({
      event: 'SECOND_FACTOR_REFUSED',
      detail: { method: 'totp', reason: 'enrolment' },
    })
    browser.clear()
    await startEnrolment(nurse.accountId, 'Nurse')
    expect(await enrols()).toMatchObject({ kind: 'signed-in' })
  })

  test('can be locked by its owner also when nobody else could administer without the provider', async () => {
    const ada = await cast.addPerson('admin')
    const actor = await signedIn(ada)
    await cast.sql.superuser.query(
      `INSERT INTO app.emergency_administrator VALUES ('${ada.accountId}', now())`,
    )
    await cast.sql.superuser.query("UPDATE app.role_federation SET provider_only = true WHERE role = 'admin'")
    try {
      await cast.sql.superuser.query('SELECT app.mail_queue($1, $2)', [ada.accountId, 'new-browser'])
      await follow((await lettersTo(ada.email))[0] ?? '')
      expect(await lockAccount(client())).toEqual({ kind: 'locked' })
      expect(await standing(actor)).toBe('ended')
      // and the way back is the one that everybody has
      await cast.sql.superuser.query('SELECT app.account_begin_anew($1, $2, 24)', [
        ada.accountId,
        randomBytes(32),
      ])
      await expect(
        cast.sql.superuser.query(
          "UPDATE app.account SET status = 'deactivated', deactivated_at = now() WHERE id = $1",
          [ada.accountId],
        ),
      ).rejects.toThrow('last emergency')
    } finally {
      await cast.sql.superuser.query(
        "UPDATE app.role_federation SET provider_only = false WHERE role = 'admin'",
      )
      await cast.sql.superuser.query('DELETE FROM app.emergency_administrator')
    }
  })

  test('opens a locked account again; the letter about it can lock it once more', async () => {
    const [ada, bea, nurse] = await three()
    const [first, second] = [await signedIn(ada), await signedIn(bea)]
    await cast.sql.superuser.query(
      `UPDATE app.account SET locked_at = now(), status = 'locked' WHERE id = $1`,
      [nurse.accountId],
    )
    const asked = await askStaffRecovery(first, nurse.accountId, 'locked')
    const half = await agreeToStaffRecovery(second, await requestOf(second, nurse))
    const code = `${asked.kind === 'asked' ? asked.half : ''}-${half}`
    expect(await readInvitation(code)).not.toBeNull()
    await follow(
      (await lettersTo(nurse.email)).find((letter) => letter.includes('Two administrators agreed')) ?? '',
    )
    expect(await lockAccount(client())).toEqual({ kind: 'locked' })
    expect(await readInvitation(code)).toBeNull()
    expect(await acceptInvitation(code, next)).toBeNull()
  })

  test('agreed to twice at once counts once', async () => {
    const [ada, bea, nurse] = await three()
    await askStaffRecovery(await signedIn(ada), nurse.accountId, 'lost-factors')
    const second = await signedIn(bea)
    const request = await requestOf(second, nurse)
    const halves = await Promise.all([
      agreeToStaffRecovery(second, request),
      agreeToStaffRecovery(second, request),
    ])
    expect(halves.filter((half) => half !== null)).toHaveLength(1)
  })

  test('is the operator’s only where no two other administrators are left', async () => {
    const nurse = await cast.addPerson('nurse')
    const recover = () => asService('people', (operator) => recoverAsOperator(operator, nurse.accountId))
    expect(await recover()).toBeNull()
    await cast.sql.superuser.query(
      `UPDATE app.account SET status = 'deactivated', deactivated_at = now() WHERE role = 'admin'`,
    )
    const code = await recover()
    expect(await readInvitation(code ?? '')).toMatchObject({ accountId: nurse.accountId })
  })
})
