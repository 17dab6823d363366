import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sealNewText } from '#lib/accounts/sealed-text.ts'
import { emailTokens, openAccountSecret, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { env } from '#lib/env.ts'
import type { ScimCaller } from './admit-scim.ts'
import { ScimRefusal, scimAnswer, scimList, schemaOf } from './scim-answer.ts'
import { scimQuery, taken } from './scim-query.ts'

const row = z.object({
  total: z.coerce.number(),
  id: z.uuid(),
  email_sealed: z.string(),
  display_name: z.string(),
  job_title: z.string().nullable(),
  external_id: z.string().nullable(),
  active: z.boolean(),
  group_ids: z.array(z.uuid()),
  created_at: z.date(),
  changed_at: z.date(),
})
const said = z.object({ said: z.string() })

/** Whether an account is open; Entra ID has written it as a word. */
export const isActive = z.union([
  z.boolean(),
  z
    .string()
    .max(5)
    .transform((word) => word.toLowerCase())
    .pipe(z.enum(['true', 'false']))
    .transform((word) => word === 'true'),
])

/** What a provider may say of somebody; everything else in its document is left aside (RFC 7644 §3.3). */
export const userDocument = z.object({
  userName: z.email().max(254),
  externalId: z.string().min(1).max(200).nullish(),
  displayName: z.string().trim().min(1).max(120).nullish(),
  name: z
    .object({
      formatted: z.string().trim().min(1).max(120).nullish(),
      givenName: z.string().trim().max(60).nullish(),
      familyName: z.string().trim().max(60).nullish(),
    })
    .nullish(),
  title: z.string().trim().max(120).nullish(),
  active: isActive.default(true),
  roles: z
    .array(z.object({ value: z.string().min(1).max(200) }))
    .max(50)
    .nullish(),
})
export type UserDocument = z.infer<typeof userDocument>

/** What of a user may be changed; undefined leaves it. */
export type UserChange = {
  /** the e-mail address */
  userName?: string | undefined
  displayName?: string | undefined
  /** an empty one takes it away */
  title?: string | undefined
  externalId?: string | undefined
  active?: boolean | undefined
}

export type UserQuery = {
  id?: string
  userName?: string
  externalId?: string
  startIndex?: number
  count?: number
}

/** The name that colleagues and patients read. */
export const nameIn = ({
  displayName,
  name,
}: Pick<UserDocument, 'displayName' | 'name'>): string | undefined => {
  const parts = [name?.givenName, name?.familyName].filter((part) => part).join(' ')
  return displayName ?? name?.formatted ?? (parts === '' ? undefined : parts)
}

/** Members of staff, a page of them or those that were asked for. @throws RecordUnavailable, KeysUnavailable */
export async function listScimUsers({ hash }: ScimCaller, query: UserQuery): Promise<Response> {
  const { startIndex = 1, count = 100 } = query
  const rows = await rowsOf(hash, { ...query, startIndex, count: Math.max(count, 1) })
  // A page behind the last one has no row to say how many there are.
  const [first] =
    rows.length > 0 || startIndex === 1 ? rows : await rowsOf(hash, { ...query, startIndex: 1, count: 1 })
  const users = await Promise.all(rows.slice(0, count).map(toUser))
  return scimList(users, first?.total ?? 0, startIndex)
}

/** One member of staff. @throws ScimRefusal when there is none, or none that a provider may see */
export async function getScimUser({ hash }: ScimCaller, id: string, status = 200): Promise<Response> {
  const [found] = z.uuid().safeParse(id).success ? await rowsOf(hash, { id, count: 1 }) : []
  if (found === undefined) throw noSuchUser()
  const user = await toUser(found)
  return scimAnswer(status, user, status === 201 ? { Location: user.meta.location } : {})
}

/**
 * Makes an account for a new member of staff. They come in through the provider; without a group that gives a role it is closed.
 * @throws ScimRefusal when the address or the provider's id is taken, or the table of roles is empty
 */
export async function createScimUser({ hash, client }: ScimCaller, user: UserDocument): Promise<string> {
  const name = nameIn(user)
  if (name === undefined) throw new ScimRefusal(400, 'A displayName is needed.', 'invalidValue')
  const id = randomUUID()
  const [outcome] = await scimQuery(
    said,
    'SELECT app.scim_user_create($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS said',
    [
      hash,
      id,
      await sealAccountSecret('email', id, user.userName),
      await emailTokens(user.userName),
      name,
      user.title ?? null,
      user.externalId ?? null,
      user.active,
      (user.roles ?? []).map(({ value }) => value),
      client.ip,
    ],
  )
  if (outcome?.said === 'taken') throw taken()
  if (outcome?.said !== 'created')
    throw new ScimRefusal(409, 'First give words to roles, on the page Single sign-on of this clinic.')
  return id
}

/**
 * Changes somebody, all that is asked for or nothing; closing them ends their sessions on the next access. Another address is told of at
 * the one that is left.
 * @throws ScimRefusal
 */
export async function changeScimUser(
  { hash, client }: ScimCaller,
  id: string,
  change: UserChange,
): Promise<void> {
  const [found] = z.uuid().safeParse(id).success ? await rowsOf(hash, { id, count: 1 }) : []
  if (found === undefined) throw noSuchUser()
  const address = change.userName === undefined ? [] : await addressValues(found, change.userName)
  const parameters = Array.from({ length: 7 + address.length }, (_, at) => `$${at + 1}`).join(', ')
  const [outcome] = await scimQuery(said, `SELECT app.scim_user_change(${parameters}) AS said`, [
    hash,
    id,
    change.displayName ?? null,
    change.title ?? null,
    change.externalId ?? null,
    change.active ?? null,
    client.ip,
    ...address,
  ])
  switch (outcome?.said) {
    case 'changed':
      return
    case 'taken':
      throw taken()
    case 'own-sign-in':
      throw new ScimRefusal(
        409,
        'They sign in to this clinic by themselves, and change their userName themselves.',
        'mutability',
      )
    default:
      throw noSuchUser()
  }
}

/** What the function needs for another address: sealed for the account, found by, and both as texts for the letter. */
async function addressValues(found: z.infer<typeof row>, userName: string): Promise<unknown[]> {
  if (!z.email().max(254).safeParse(userName).success)
    throw new ScimRefusal(400, 'A userName is an e-mail address here.', 'invalidValue')
  const next = await sealNewText(userName)
  const former = await sealNewText(await openAccountSecret('email', found.id, found.email_sealed))
  const sealed = await sealAccountSecret('email', found.id, userName)
  return [sealed, await emailTokens(userName), next.id, next.sealed, former.id, former.sealed]
}

function rowsOf(hash: Buffer, query: UserQuery): Promise<z.infer<typeof row>[]> {
  return (async () =>
    scimQuery(row, 'SELECT * FROM app.scim_users($1, $2, $3, $4, $5, $6)', [
      hash,
      query.id ?? null,
      query.userName === undefined ? null : await emailTokens(query.userName),
      query.externalId ?? null,
      (query.startIndex ?? 1) - 1,
      query.count ?? 1,
    ]))()
}

async function toUser(found: z.infer<typeof row>) {
  const email = await openAccountSecret('email', found.id, found.email_sealed)
  return {
    schemas: [schemaOf.user],
    id: found.id,
    ...(found.external_id !== null && { externalId: found.external_id }),
    userName: email,
    displayName: found.display_name,
    name: { formatted: found.display_name },
    ...(found.job_title !== null && { title: found.job_title }),
    active: found.active,
    emails: [{ value: email, type: 'work', primary: true }],
    groups: found.group_ids.map((value) => ({ value, $ref: `${scimBase}/Groups/${value}`, type: 'direct' })),
    meta: {
      resourceType: 'User',
      created: found.created_at.toISOString(),
      lastModified: found.changed_at.toISOString(),
      location: `${scimBase}/Users/${found.id}`,
    },
  }
}

/** Where the resources stand. */
export const scimBase = `${env.url}/api/scim/v2`

const noSuchUser = () => new ScimRefusal(404, 'There is no such user.')
