import 'server-only'

import { z } from 'zod'
import { ScimRefusal } from './scim-answer.ts'
import type { GroupChange } from './scim-groups.ts'
import { nameIn, type UserChange } from './scim-users.ts'

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
  active: z
    // Entra ID writes it as a word.
    .union([
      z.boolean(),
      z.enum(['True', 'False', 'true', 'false']).transform((word) => word.toLowerCase() === 'true'),
    ])
    .optional(),
  displayName: text.optional(),
  title: text.optional(),
  externalId: z.string().min(1).max(200).optional(),
  userName: z.string().max(254).optional(),
  name: z.object({ formatted: text.optional() }).optional(),
})

/** What a PATCH of a user asks for. `userName` is there when it names one, which may only be the same. @throws ScimRefusal */
export function readUserPatch(
  operations: readonly Operation[],
): UserChange & { userName?: string | undefined } {
  let change: UserChange & { userName?: string | undefined } = {}
  for (const { op, path, value } of operations) {
    if (op === 'remove')
      throw new ScimRefusal(400, 'Nothing of a user can be removed; set active to false.', 'mutability')
    const named = path === undefined ? value : objectAt(path, value)
    const parsed = attributes.safeParse(named)
    if (!parsed.success) throw new ScimRefusal(400, 'A value is not as it should be.', 'invalidValue')
    const { name, displayName, ...rest } = parsed.data
    const shown = nameIn({ displayName, name })
    change = { ...change, ...rest, ...(shown !== undefined && { displayName: shown }) }
  }
  return change
}

function objectAt(path: string, value: unknown): unknown {
  const plain = path.replace(/^urn:ietf:params:scim:schemas:core:2\.0:User:/i, '')
  if (plain === 'name.formatted') return { name: { formatted: value } }
  if (['active', 'displayName', 'title', 'externalId', 'userName'].includes(plain)) return { [plain]: value }
  throw new ScimRefusal(400, 'There is nothing to change at this path.', 'invalidPath')
}

const member = z.object({ value: z.string().max(64) })
const members = z.union([z.array(member).max(5000), member.transform((one) => [one])])

/** What a PATCH of a group asks for. @throws ScimRefusal */
export function readGroupPatch(operations: readonly Operation[]): GroupChange {
  const change: GroupChange = { add: [], remove: [], replace: false }
  for (const { op, path, value } of operations) {
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

function idsAt(path: string | undefined, value: unknown, op: Operation['op']): string[] {
  const held = path === undefined ? z.object({ members: z.unknown() }).safeParse(value).data?.members : value
  if ((path ?? 'members') !== 'members')
    throw new ScimRefusal(400, 'Of a group only its members change.', 'invalidPath')
  if (op === 'remove' && held === undefined) return []
  const parsed = members.safeParse(held)
  if (!parsed.success) throw new ScimRefusal(400, 'A member is named by the id of a user.', 'invalidValue')
  return parsed.data.map((each) => each.value)
}
