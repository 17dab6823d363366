import 'server-only'

import { z } from 'zod'
import { ScimRefusal } from './scim-answer.ts'
import type { GroupChange } from './scim-groups.ts'
import { isActive, nameIn, type UserChange } from './scim-users.ts'

/** A PATCH as it comes (RFC 7644 §3.5.2); some providers write the verbs with a capital. */
export const patchDocument = z.object({
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .max(10)
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(300).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(100),
})
type Operation = z.infer<typeof patchDocument>['Operations'][number]

const text = z.string().trim().min(1).max(120)
const attributes = z.object({
  active: isActive.optional(),
  displayName: text.optional(),
  title: z.string().trim().max(120).optional(),
  externalId: z.string().min(1).max(200).optional(),
  userName: z.string().max(254).optional(),
  name: z.object({ formatted: text.optional() }).optional(),
  emails: z
    .union([z.string(), z.array(z.object({ value: z.string().max(254) })).max(20)])
    .transform((given) => (typeof given === 'string' ? given : given.map(({ value }) => value).join(' ')))
    .optional(),
})

/**
 * Attributes that providers send unasked, and that nothing is kept of: a PATCH of them changes nothing, as in a document that is POSTed
 * (RFC 7644 §3.3). Names in parts are among them because the name that people read is displayName.
 */
const leftAside =
  /^(name(\.(givenName|familyName|middleName|honorificPrefix|honorificSuffix))?|nickName|profileUrl|userType|preferredLanguage|locale|timezone|(phoneNumbers|addresses|photos|ims)\b.*|urn:ietf:params:scim:schemas:extension:enterprise:2\.0:User\b.*)$/i

/**
 * What a PATCH of a user asks for. An e-mail address beside userName is taken where it is the same, and otherwise refused: it would seem
 * kept, and letters would go on to userName.
 * @throws ScimRefusal
 */
export function readUserPatch(operations: readonly Operation[]): UserChange {
  let change: UserChange & { emails?: string | undefined } = {}
  for (const { op, path, value } of operations) {
    const plain = path?.replace(/^urn:ietf:params:scim:schemas:core:2\.0:User:/i, '')
    if (plain !== undefined && leftAside.test(plain)) continue
    if (op === 'remove' && plain !== 'title')
      throw new ScimRefusal(400, 'This cannot be removed from a user; set active to false.', 'mutability')
    const named = plain === undefined ? value : objectAt(plain, op === 'remove' ? '' : value)
    const parsed = attributes.safeParse(named)
    if (!parsed.success) throw new ScimRefusal(400, 'A value is not as it should be.', 'invalidValue')
    const { name, displayName, ...rest } = parsed.data
    const shown = nameIn({ displayName, name })
    change = { ...change, ...rest, ...(shown !== undefined && { displayName: shown }) }
  }
  const { emails, ...asked } = change
  if (emails !== undefined && emails.toLowerCase() !== asked.userName?.toLowerCase())
    throw new ScimRefusal(400, 'The e-mail address is userName here; change that.', 'mutability')
  return asked
}

function objectAt(plain: string, value: unknown): unknown {
  if (plain === 'name.formatted') return { name: { formatted: value } }
  if (/^emails(\[.{1,60}\])?(\.value)?$/i.test(plain)) return { emails: value }
  if (['active', 'displayName', 'title', 'externalId', 'userName'].includes(plain)) return { [plain]: value }
  throw new ScimRefusal(400, 'There is nothing to change at this path.', 'invalidPath')
}

const member = z.object({ value: z.string().max(64) })
const members = z.union([z.array(member).max(5000), member.transform((one) => [one])])

/** What a PATCH of a group asks for. `displayName` is there when it names one, which may only be the same. @throws ScimRefusal */
export function readGroupPatch(operations: readonly Operation[]): GroupChange & { displayName?: string } {
  const change: GroupChange & { displayName?: string } = { add: [], remove: [], replace: false }
  for (const { op, path, value } of operations) {
    // Okta sends the group's name, Entra ID its own id beside it.
    const about = path === undefined ? value : { [path]: value }
    const named = z.object({ displayName: z.string().max(200) }).safeParse(about)
    if (named.success && op !== 'remove') change.displayName = named.data.displayName
    if (op !== 'remove' && isOnlyAbout(about)) continue
    const one = /^members\[value eq "([0-9a-f-]{36})"\]$/i.exec(path ?? '')?.[1]
    const ids = one === undefined ? idsAt(path, value, op) : [one]
    if (op === 'add') change.add.push(...ids)
    else if (op === 'replace') Object.assign(change, { add: ids, remove: [], replace: true })
    // "remove members" without saying which is all of them
    else if (one === undefined && value === undefined)
      Object.assign(change, { add: [], remove: [], replace: true })
    else {
      change.remove.push(...ids)
      change.add = change.add.filter((id) => !ids.includes(id))
    }
  }
  return change
}

/** Whether an operation says who the group is, and not who is in it. */
function isOnlyAbout(value: unknown): boolean {
  const keys = Object.keys(z.record(z.string(), z.unknown()).safeParse(value).data ?? {})
  return keys.length > 0 && keys.every((key) => ['id', 'displayName', 'externalId', 'schemas'].includes(key))
}

function idsAt(path: string | undefined, value: unknown, op: Operation['op']): string[] {
  const held = path === undefined ? z.object({ members: z.unknown() }).safeParse(value).data?.members : value
  if ((path ?? 'members') !== 'members')
    throw new ScimRefusal(400, 'Of a group only its members change.', 'invalidPath')
  if (op === 'remove' && held === undefined) return []
  const parsed = members.safeParse(held)
  if (!parsed.success) throw new ScimRefusal(400, 'A member is named by the id of a user.', 'invalidValue')
  return parsed.data.map((each) => each.value)
}
