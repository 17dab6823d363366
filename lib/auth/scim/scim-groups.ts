import 'server-only'

import { z } from 'zod'
import type { ScimCaller } from './admit-scim.ts'
import { ScimRefusal, scimAnswer, scimList, schemaOf } from './scim-answer.ts'
import { scimQuery } from './scim-query.ts'
import { scimBase } from './scim-users.ts'

const row = z.object({
  id: z.uuid(),
  claim_value: z.string(),
  role: z.string(),
  created_at: z.date(),
  members: z.array(z.uuid()),
})

/** Who comes into a group and who leaves it; with `replace`, `add` is the whole of it. */
export type GroupChange = { add: string[]; remove: string[]; replace: boolean }

type GroupQuery = { displayName?: string | undefined; withMembers: boolean }

/** The groups that give roles: the lines of the table, made and removed by an administrator of the clinic. */
export async function listScimGroups(caller: ScimCaller, query: GroupQuery): Promise<Response> {
  const rows = (await rowsOf(caller)).filter(
    ({ claim_value: word }) => query.displayName === undefined || word === query.displayName,
  )
  return scimList(
    rows.map((one) => toGroup(one, query.withMembers)),
    rows.length,
  )
}

/** One of them. @throws ScimRefusal */
export async function getScimGroup(caller: ScimCaller, id: string, withMembers = true): Promise<Response> {
  const found = (await rowsOf(caller)).find((one) => one.id === id)
  if (found === undefined) throw noSuchGroup()
  return scimAnswer(200, toGroup(found, withMembers))
}

/** Changes who is in a group; each of them gets the role of the first of their groups, on their next access. @throws ScimRefusal */
export async function changeScimGroup(
  { hash, client }: ScimCaller,
  id: string,
  { add, remove, replace }: GroupChange,
): Promise<void> {
  const ids = z.array(z.uuid()).max(5000)
  if (!z.uuid().safeParse(id).success) throw noSuchGroup()
  const given = z.object({ add: ids, remove: ids }).safeParse({ add, remove })
  if (!given.success) throw new ScimRefusal(400, 'A member is named by the id of a user.', 'invalidValue')
  const [outcome] = await scimQuery(
    z.object({ said: z.string() }),
    'SELECT app.scim_group_change($1, $2, $3, $4, $5, $6) AS said',
    [hash, id, given.data.add, given.data.remove, replace, client.ip],
  )
  if (outcome?.said === 'unknown') throw noSuchGroup()
  if (outcome?.said !== 'changed')
    throw new ScimRefusal(400, 'One of the members is no user.', 'invalidValue')
}

/** Refuses another name for a group: it is a word of the table, which an administrator of the clinic writes. @throws ScimRefusal */
export async function requireSameGroupName(
  caller: ScimCaller,
  id: string,
  displayName: string,
): Promise<void> {
  const found = (await rowsOf(caller)).find((one) => one.id === id)
  if (found === undefined) throw noSuchGroup()
  if (found.claim_value !== displayName)
    throw new ScimRefusal(400, 'A group is renamed on the page Single sign-on of this clinic.', 'mutability')
}

/** Answers a provider that would make a group: there are no others than those of the table. @throws ScimRefusal */
export async function refuseNewGroup(caller: ScimCaller, displayName: string): Promise<never> {
  const exists = (await rowsOf(caller)).some(({ claim_value: word }) => word === displayName)
  throw exists
    ? new ScimRefusal(409, 'This group is there already.', 'uniqueness')
    : new ScimRefusal(403, 'Groups are made on the page Single sign-on of this clinic.')
}

function rowsOf({ hash }: ScimCaller): Promise<z.infer<typeof row>[]> {
  return scimQuery(row, 'SELECT * FROM app.scim_groups($1)', [hash])
}

function toGroup(
  { id, claim_value: word, created_at: createdAt, members }: z.infer<typeof row>,
  withMembers: boolean,
) {
  return {
    schemas: [schemaOf.group],
    id,
    displayName: word,
    ...(withMembers && {
      members: members.map((value) => ({ value, $ref: `${scimBase}/Users/${value}`, type: 'User' })),
    }),
    meta: { resourceType: 'Group', created: createdAt.toISOString(), location: `${scimBase}/Groups/${id}` },
  }
}

const noSuchGroup = () => new ScimRefusal(404, 'There is no such group.')
