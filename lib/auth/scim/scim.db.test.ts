import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sealNewText } from '#lib/accounts/sealed-text.ts'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { checkPassword } from '#lib/auth/check-password.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { openSession } from '#lib/auth/open-session.ts'
import { peekSession } from '#lib/auth/session.ts'
import { env } from '#lib/env.ts'
import { scimRequests } from '#lib/testing/scim-requests.ts'
import { makeSignInCast, password, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { scimTokenHash } from './admit-scim.ts'
import { answerScim } from './answer-scim.ts'

// What would be lost if these failed: whoever holds the provisioning token could see patients, make administrators, or keep out whom an
// administrator let in; and somebody whom the hospital has let go would still be let in here.

let cast: SignInCast
let admin: string
let bearer: string
beforeAll(async () => {
  cast = await makeSignInCast()
  admin = cast.people.admin.token
  bearer = await newToken()
  for (const [word, role] of [
    ['vigil-clinicians', 'clinician'],
    ['vigil-nurses', 'nurse'],
  ])
    await one('SELECT app.role_claim_add($1, $2, $3) AS said', [admin, word, role])
})
afterAll(() => cast.close())
beforeEach(async () => {
  await cast.sql.superuser.query(
    "UPDATE app.session SET second_factor_at = app.now(), last_active_at = app.now(), expires_at = app.now() + interval '1 hour' WHERE token_hash = sha256(convert_to($1, 'UTF8'))",
    [admin],
  )
})

const one = async (text: string, values: unknown[]) =>
  (await appQuery<{ said: string }>(text, values))[0]?.said
const newToken = async () => {
  const token = randomBytes(32).toString('base64url')
  await one('SELECT app.scim_token_make($1, $2)::text AS said', [admin, scimTokenHash(token)])
  return token
}

type Answer = { status: number; body: Record<string, unknown> }
async function ask(method: string, path: string, body?: unknown, token = bearer): Promise<Answer> {
  const request = new Request(`${env.url}/api/scim/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const segments = new URL(request.url).pathname.split('/').slice(4)
  const response = await answerScim(request, segments, { ip: '192.0.2.9', userAgent: 'test' })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}
const patch = (operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
})
let number = 0
const newUser = (more: object = {}) => {
  number += 1
  return {
    userName: `new.${number}@hospital.example`,
    displayName: `New Colleague ${number}`,
    externalId: `x-${number}`,
    ...more,
  }
}
const accountOf = async (id: unknown) =>
  (
    await cast.sql.superuser.query<{ role: string; status: string }>(
      'SELECT role, status FROM app.account WHERE id = $1',
      [id],
    )
  ).rows[0]
const groupId = async (word: string) => {
  const { body } = await ask('GET', `Groups?filter=${encodeURIComponent(`displayName eq "${word}"`)}`)
  return (body['Resources'] as { id: string }[])[0]?.id ?? ''
}
const join = async (word: string, id: unknown) =>
  ask(
    'PATCH',
    `Groups/${await groupId(word)}`,
    patch([{ op: 'Add', path: 'members', value: [{ value: id }] }]),
  )

describe('a token', () => {
  test('is compulsory, and a wrong, an ended and a used-up one are one answer, written down', async () => {
    const former = await newToken()
    const answers = [
      await ask('GET', 'Users', undefined, randomBytes(32).toString('base64url')),
      await ask('GET', 'Users', undefined, 'x'),
      await ask('GET', 'Users/00000000-0000-4000-8000-000000000000', undefined, ''),
    ]
    expect(answers).toEqual(
      answers.map(() => ({ status: 401, body: expect.objectContaining({ status: '401' }) as unknown })),
    )
    // the new one and the one before overlap; the one before that is ended
    const [third, fourth] = [former, await newToken()]
    const [fresh, last] = [fourth, await newToken()]
    expect((await ask('GET', 'Users?count=0', undefined, fresh)).status).toBe(200)
    expect((await ask('GET', 'Users?count=0', undefined, last)).status).toBe(200)
    expect((await ask('GET', 'Users?count=0', undefined, third)).status).toBe(401)
    bearer = last
    const { rows } = await cast.sql.superuser.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM audit.security_event_log WHERE event_type = 'SCIM_REFUSED'",
    )
    expect(rows[0]?.n).toBe(4)
    // no function is reached past the token
    await expect(appQuery('SELECT * FROM app.scim_groups($1)', [scimTokenHash(third)])).rejects.toThrow(
      'not good',
    )
  })
})

describe('a user', () => {
  test('is made, closed until a group gives a role, found by userName, and let go again', async () => {
    const made = await ask('POST', 'Users', newUser())
    expect(made.status).toBe(201)
    const id = made.body['id']
    expect(await accountOf(id)).toMatchObject({ status: 'deactivated' })
    expect(await join('vigil-nurses', id)).toMatchObject({ status: 200 })
    expect(await accountOf(id)).toEqual({ role: 'nurse', status: 'invited' })
    const found = await ask(
      'GET',
      `Users?filter=${encodeURIComponent(`userName eq "${String(made.body['userName']).toUpperCase()}"`)}`,
    )
    expect(found.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id, active: true, groups: [{ type: 'direct' }] }],
    })
    expect(
      await ask('PATCH', `Users/${String(id)}`, patch([{ op: 'Replace', path: 'active', value: 'False' }])),
    ).toMatchObject({ body: { active: false } })
    expect(await accountOf(id)).toEqual({ role: 'nurse', status: 'deactivated' })
    expect(
      await ask('PATCH', `Users/${String(id)}`, patch([{ op: 'replace', value: { active: true } }])),
    ).toMatchObject({ body: { active: true } })
    expect(await accountOf(id)).toEqual({ role: 'nurse', status: 'invited' })
    expect((await ask('DELETE', `Users/${String(id)}`)).status).toBe(204)
    expect(await accountOf(id)).toEqual({ role: 'nurse', status: 'deactivated' })
    expect((await cast.eventsOf(String(id))).map(({ event }) => event)).toEqual(
      expect.arrayContaining(['ACCOUNT_INVITED', 'ACCOUNT_REACTIVATED', 'ACCOUNT_DEACTIVATED']),
    )
  })

  test('whom the hospital lets go is out on the very next access', async () => {
    const nadia = await cast.addPerson('nurse')
    const token = await openSession(nadia.accountId, 'totp', { ip: null, userAgent: null })
    expect((await peekSession(token)).state).toBe('active')
    await ask('PATCH', `Users/${nadia.accountId}`, patch([{ op: 'replace', path: 'active', value: false }]))
    expect((await peekSession(token)).state).toBe('ended')
  })

  test('has the role of the first line among their groups, and none without a group', async () => {
    const { body } = await ask('POST', 'Users', newUser({ roles: [{ value: 'vigil-nurses' }] }))
    expect(await accountOf(body['id'])).toEqual({ role: 'nurse', status: 'invited' })
    await join('vigil-clinicians', body['id'])
    expect(await accountOf(body['id'])).toEqual({ role: 'clinician', status: 'invited' })
    for (const word of ['vigil-clinicians', 'vigil-nurses'])
      await ask(
        'PATCH',
        `Groups/${await groupId(word)}`,
        patch([{ op: 'remove', path: `members[value eq "${String(body['id'])}"]` }]),
      )
    expect(await accountOf(body['id'])).toMatchObject({ status: 'deactivated' })
  })

  test('whom an administrator closed stays closed', async () => {
    const nadia = await cast.addPerson('nurse')
    await ask(
      'PATCH',
      `Users/${nadia.accountId}`,
      patch([{ op: 'replace', path: 'title', value: 'Head nurse' }]),
    )
    await appQuery('SELECT app.account_deactivate($1, $2)', [admin, nadia.accountId])
    expect(
      await ask('PATCH', `Users/${nadia.accountId}`, patch([{ op: 'replace', path: 'active', value: true }])),
    ).toMatchObject({ body: { active: false } })
    expect(await accountOf(nadia.accountId)).toMatchObject({ status: 'deactivated' })
  })

  test('patients, proxies, jobs and emergency administrators are not there', async () => {
    const [maria, eva] = [await cast.addPerson('patient'), await cast.addPerson('admin')]
    await one('SELECT app.emergency_administrator_set($1, $2, true) AS said', [admin, eva.accountId])
    for (const { accountId, email } of [maria, eva]) {
      expect((await ask('GET', `Users/${accountId}`)).status).toBe(404)
      expect(
        (await ask('PATCH', `Users/${accountId}`, patch([{ op: 'replace', path: 'active', value: false }])))
          .status,
      ).toBe(404)
      expect((await join('vigil-nurses', accountId)).status).toBe(400)
      expect(
        (await ask('GET', `Users?filter=${encodeURIComponent(`userName eq "${email}"`)}`)).body[
          'totalResults'
        ],
      ).toBe(0)
      expect(await accountOf(accountId)).toMatchObject({ status: 'active' })
    }
    const all = await appQuery<{ id: string }>('SELECT * FROM app.scim_users($1, NULL, NULL, NULL, 0, 200)', [
      scimTokenHash(bearer),
    ])
    expect(all.length).toBeGreaterThan(3)
    const { rows } = await cast.sql.superuser.query<{ role: string }>(
      'SELECT DISTINCT role FROM app.account WHERE id = ANY ($1)',
      [all.map(({ id }) => id)],
    )
    expect(
      rows.map(({ role }) => role).filter((role) => ['patient', 'proxy', 'service'].includes(role)),
    ).toEqual([])
  })

  test('who made a token gains nothing by it, and is let go by it like everybody else', async () => {
    const eva = await cast.addPerson('admin')
    await appQuery("SELECT app.session_open($1, sha256('eva'), 'totp', NULL, NULL)", [eva.accountId])
    const token = randomBytes(32).toString('base64url')
    await one('SELECT app.scim_token_make($1, $2)::text AS said', ['eva', scimTokenHash(token)])
    const group = `Groups/${await groupId('vigil-nurses')}`
    const joining = patch([{ op: 'add', path: 'members', value: [{ value: eva.accountId }] }])
    expect(await ask('PATCH', group, joining, token)).toMatchObject({ status: 409 })
    expect(await accountOf(eva.accountId)).toEqual({ role: 'admin', status: 'active' })
    const [off, on] = [false, true].map((value) => patch([{ op: 'replace', path: 'active', value }]))
    expect(await ask('PATCH', `Users/${eva.accountId}`, off, token)).toMatchObject({ status: 200 })
    expect(await accountOf(eva.accountId)).toEqual({ role: 'admin', status: 'deactivated' })
    expect(await ask('PATCH', `Users/${eva.accountId}`, on, token)).toMatchObject({ status: 409 })
    // control: once their token has ended, the other one may
    await cast.sql.superuser.query('UPDATE app.scim_token SET ended_at = app.now() WHERE made_by = $1', [
      eva.accountId,
    ])
    expect(await ask('PATCH', `Users/${eva.accountId}`, on)).toMatchObject({ status: 200 })
    expect(await ask('PATCH', group, joining)).toMatchObject({ status: 200 })
    expect(await accountOf(eva.accountId)).toEqual({ role: 'nurse', status: 'active' })
  })

  test('the last administrator is not let go', async () => {
    const others = await cast.sql.superuser.query<{ id: string }>(
      "SELECT id FROM app.account WHERE role = 'admin' AND status = 'active' AND id <> $1",
      [cast.people.admin.accountId],
    )
    for (const { id } of others.rows) {
      await one('SELECT app.emergency_administrator_set($1, $2, false) AS said', [admin, id])
      expect(
        (await ask('PATCH', `Users/${id}`, patch([{ op: 'replace', path: 'active', value: false }]))).status,
      ).toBe(200)
    }
    const last = `Users/${cast.people.admin.accountId}`
    expect(await ask('PATCH', last, patch([{ op: 'replace', path: 'active', value: false }]))).toMatchObject({
      status: 409,
    })
    expect((await join('vigil-nurses', cast.people.admin.accountId)).status).toBe(409)
    expect(await accountOf(cast.people.admin.accountId)).toEqual({ role: 'admin', status: 'active' })
  })
})

describe('what is not done', () => {
  test.each([
    [
      'an address that is taken',
      'POST',
      'Users',
      { userName: 'same@hospital.example', displayName: 'Same' },
      409,
    ],
    ['a userName that is no address', 'POST', 'Users', { userName: 'x', displayName: 'X' }, 400],
    ['no name', 'POST', 'Users', { userName: 'noname@hospital.example' }, 400],
    ['no JSON', 'POST', 'Users', '{', 400],
    ['300 kilobytes', 'POST', 'Users', JSON.stringify({ userName: 'x'.repeat(300_000) }), 413],
    ['another group', 'POST', 'Groups', { displayName: 'vigil-admins' }, 403],
    ['a group that is there', 'POST', 'Groups', { displayName: 'vigil-nurses' }, 409],
    ['a filter that is none', 'GET', 'Users?filter=role%20eq%20%22admin%22', undefined, 400],
    [
      'a filter with more to it',
      'GET',
      'Users?filter=userName%20eq%20%22a%22%20or%20active%20eq%20true',
      undefined,
      400,
    ],
    ['somebody who is not there', 'GET', 'Users/00000000-0000-4000-8000-000000000000', undefined, 404],
    ['an id that is none', 'PATCH', "Users/'", patch([{ op: 'replace', path: 'active', value: true }]), 404],
    ['many at once', 'POST', 'Bulk', {}, 404],
  ])('%s', async (name, method, path, body, status) => {
    if (name === 'an address that is taken') await ask('POST', 'Users', body)
    const answer = await ask(method, path, body)
    expect(answer).toMatchObject({ status, body: { status: String(status) } })
  })

  test('a role, a password or another address than userName by PATCH', async () => {
    const { body } = await ask('POST', 'Users', newUser({ roles: [{ value: 'vigil-nurses' }] }))
    const user = `Users/${String(body['id'])}`
    for (const path of ['roles', 'role', 'password', 'groups', 'emails[type eq "work"].value', 'userName'])
      expect((await ask('PATCH', user, patch([{ op: 'replace', path, value: 'admin' }]))).status).toBe(400)
    for (const path of ['userName', 'externalId', 'displayName', 'active'])
      expect((await ask('PATCH', user, patch([{ op: 'remove', path }]))).status).toBe(400)
    expect(await accountOf(body['id'])).toEqual({ role: 'nurse', status: 'invited' })
    expect((await ask('GET', user)).body).toMatchObject({ userName: body['userName'] })
  })
})

describe('another address', () => {
  const move = (id: unknown, userName: string, more: object[] = []) =>
    ask(
      'PATCH',
      `Users/${String(id)}`,
      patch([{ op: 'Replace', path: 'userName', value: userName }, ...more]),
    )
  const lettersOf = async (id: string) =>
    (
      await cast.sql.superuser.query<{ kind: string; isToAnother: boolean }>(
        'SELECT kind, recipient_text_id IS NOT NULL AS "isToAnother" FROM app.mail_outbox WHERE account_id = $1 ORDER BY created_at',
        [id],
      )
    ).rows
  /** Somebody who has signed in, through the provider if so said. */
  const colleague = async (isLinked: boolean) => {
    const person = await cast.addPerson('nurse')
    await openSession(person.accountId, 'totp', { ip: null, userAgent: null })
    if (isLinked)
      await cast.sql.superuser.query(
        "INSERT INTO app.federated_identity (account_id, issuer, subject_hash, linked_at, last_used_at) VALUES ($1, 'https://id.example', sha256($2), app.now(), app.now())",
        [person.accountId, Buffer.from(person.accountId)],
      )
    return person
  }

  test('is taken at the provider’s word, and told of at the one that is left', async () => {
    const nadia = await colleague(true)
    await appQuery('SELECT app.sign_in_failed($1, $2, NULL, $3)', [
      await emailTokens(nadia.email),
      [],
      'password',
    ])
    const married = `married.${nadia.accountId.slice(0, 8)}@hospital.example`
    expect(await move(nadia.accountId, married)).toMatchObject({
      status: 200,
      body: { userName: married, emails: [{ value: married }] },
    })
    expect(await cast.eventsOf(nadia.accountId)).toContainEqual({
      event: 'EMAIL_CHANGED',
      detail: { by: 'scim' },
    })
    expect(await lettersOf(nadia.accountId)).toEqual([{ kind: 'address-changed', isToAnother: true }])
    expect(await checkPassword(married, password, { ip: '198.51.100.7', userAgent: null })).toMatchObject({ kind: 'second-factor' }) // prettier-ignore
    expect(await checkPassword(nadia.email, password, { ip: '198.51.100.7', userAgent: null })).toMatchObject({ kind: 'wrong' }) // prettier-ignore
    // the same again, in capitals, changes nothing and tells nobody
    expect((await move(nadia.accountId, married.toUpperCase())).status).toBe(200)
    expect(await lettersOf(nadia.accountId)).toHaveLength(1)
  })

  test('overtakes one that its owner had asked for, whose links open nothing', async () => {
    const nadia = await colleague(true)
    const [asked, text] = [randomUUID(), await sealNewText('own@example.org')]
    await cast.sql.superuser.query("INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES ($1, 'mail-address', $2)", [text.id, text.sealed]) // prettier-ignore
    await cast.sql.superuser.query(
      'INSERT INTO app.email_change (id, account_id, new_text_id, former_text_id, asked_at) VALUES ($1, $2, $3, $3, app.now())',
      [asked, nadia.accountId, text.id],
    )
    expect((await move(nadia.accountId, `new.${asked}@hospital.example`)).status).toBe(200)
    const { rows } = await cast.sql.superuser.query<{ isVoid: boolean }>('SELECT void_at IS NOT NULL AS "isVoid" FROM app.email_change WHERE id = $1', [asked]) // prettier-ignore
    expect(rows).toEqual([{ isVoid: true }])
  })

  test('of somebody who signs in here by themselves is refused, and nothing else is done either', async () => {
    const nadia = await colleague(false)
    const answer = await move(nadia.accountId, 'mine@attacker.example', [
      { op: 'Replace', path: 'displayName', value: 'Somebody Else' },
    ])
    expect(answer).toMatchObject({ status: 409, body: { scimType: 'mutability' } })
    expect((await ask('GET', `Users/${nadia.accountId}`)).body).toMatchObject({
      userName: nadia.email,
      displayName: 'Some nurse',
    })
    expect(await lettersOf(nadia.accountId)).toEqual([])
    expect(await cast.eventsOf(nadia.accountId)).toContainEqual({
      event: 'EMAIL_CHANGED',
      detail: { by: 'scim', reason: 'own-sign-in' },
    })
    // nor of somebody who was invited here with a role and has not come yet
    const invited = await cast.addPerson('compliance')
    expect(await move(invited.accountId, 'mine@attacker.example')).toMatchObject({ status: 409 })
    // control: whom the directory itself has made, and who has never signed in
    const { body } = await ask('POST', 'Users', newUser())
    const right = `right.${nadia.accountId}@hospital.example`
    expect(await move(body['id'], right)).toMatchObject({ status: 200, body: { userName: right } })
    expect(await lettersOf(String(body['id']))).toEqual([])
  })

  test('is not one’s own to change by one’s own token', async () => {
    const eva = await cast.addPerson('admin')
    await openSession(eva.accountId, 'totp', { ip: null, userAgent: null })
    await cast.sql.superuser.query(
      "INSERT INTO app.federated_identity (account_id, issuer, subject_hash, linked_at, last_used_at) VALUES ($1, 'https://id.example', sha256($2), app.now(), app.now())",
      [eva.accountId, Buffer.from(eva.accountId)],
    )
    const { rows } = await cast.sql.superuser.query<{ id: string }>("INSERT INTO app.scim_token (token_hash, made_at, made_by, expires_at) VALUES (sha256($1), app.now(), $2, app.now() + interval '1 day') RETURNING id", [Buffer.from(eva.email), eva.accountId]) // prettier-ignore
    expect(await move(eva.accountId, 'own@hospital.example')).toMatchObject({ status: 409 })
    expect(await lettersOf(eva.accountId)).toEqual([])
    // control: once that token is no more
    await cast.sql.superuser.query('DELETE FROM app.scim_token WHERE id = $1', [rows[0]?.id])
    expect(await move(eva.accountId, 'own@hospital.example')).toMatchObject({ status: 200 })
  })

  test('that somebody has already, or two are to have at once, goes to one', async () => {
    const [one, two, patient] = [
      await colleague(true),
      await colleague(true),
      await cast.addPerson('patient'),
    ]
    for (const email of [two.email, patient.email])
      expect(await move(one.accountId, email)).toMatchObject({
        status: 409,
        body: { scimType: 'uniqueness' },
      })
    const wanted = `wanted.${one.accountId}@hospital.example`
    const both = await Promise.all([one, two].map(({ accountId }) => move(accountId, wanted)))
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })

  test('is nobody’s to give whom a provider may not see', async () => {
    const [maria, eva] = [await cast.addPerson('patient'), await cast.addPerson('admin')]
    await one('SELECT app.emergency_administrator_set($1, $2, true) AS said', [admin, eva.accountId])
    for (const { accountId } of [maria, eva])
      expect((await move(accountId, 'else@hospital.example')).status).toBe(404)
    await one('SELECT app.emergency_administrator_set($1, $2, false) AS said', [admin, eva.accountId])
    await expect(
      appQuery("SELECT app.scim_move_address($1, 'x', '{}', NULL, NULL, NULL, NULL, NULL)", [eva.accountId]),
    ).rejects.toMatchObject({ code: '42501' })
  })
})

/** The cast's own people were made without addresses that open; a provider lists everybody. */
async function giveEverybodyAnAddress(): Promise<void> {
  for (const { accountId } of Object.values(cast.people))
    await cast.sql.superuser.query('UPDATE app.account SET email_sealed = $2 WHERE id = $1', [
      accountId,
      await sealAccountSecret('email', accountId, `${accountId}@hospital.example`),
    ])
}

describe.each(Object.entries(scimRequests))('requests as %s documents them', (_, steps) => {
  test('each gets what the provider goes on with', async () => {
    await giveEverybodyAnAddress()
    const ids = { user: '', group: await groupId('vigil-nurses') }
    const filled = <Value>(value: Value): Value =>
      JSON.parse(
        JSON.stringify(value).replaceAll('{user}', ids.user).replaceAll('{group}', ids.group),
      ) as Value
    for (const { does, method, path, body, status, gives } of steps) {
      const answer = await ask(method, filled(path), body === undefined ? undefined : filled(body))
      expect({ does, ...answer }).toMatchObject({ does, status, ...(gives && { body: filled(gives) }) })
      if (method === 'POST') ids.user = String(answer.body['id'])
    }
    expect(await accountOf(ids.user)).toEqual({ role: 'nurse', status: 'deactivated' })
  })
})

test('a group keeps its name and its members when a request names another, or says nothing of either', async () => {
  const group = `Groups/${await groupId('vigil-nurses')}`
  const before = (await ask('GET', group)).body
  expect((before['members'] as unknown[]).length).toBeGreaterThan(0)
  for (const [operation, status] of [
    [{ op: 'replace', value: { displayName: 'vigil-nurses' } }, 200],
    [{ op: 'replace', value: { displayName: 'vigil-admins' } }, 400],
    [{ op: 'replace', path: 'displayName', value: 'vigil-admins' }, 400],
    [{ op: 'replace', value: {} }, 400],
    [{ op: 'remove', path: 'displayName' }, 400],
  ] as const)
    expect((await ask('PATCH', group, patch([operation]))).status).toBe(status)
  expect((await ask('GET', group)).body).toEqual(before)
})
