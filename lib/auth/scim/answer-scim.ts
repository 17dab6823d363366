import 'server-only'

import { z } from 'zod'
import type { Client } from '#lib/auth/client.ts'
import { admitScim, type ScimCaller } from './admit-scim.ts'
import { resourceTypes, schemas, serviceProviderConfig } from './discovery.ts'
import { patchDocument, readGroupPatch, readUserPatch } from './read-patch.ts'
import { readScimBody } from './read-scim-body.ts'
import { scimAnswer, scimError, ScimRefusal } from './scim-answer.ts'
import {
  changeScimGroup,
  getScimGroup,
  listScimGroups,
  refuseNewGroup,
  requireSameGroupName,
} from './scim-groups.ts'
import {
  changeScimUser,
  createScimUser,
  getScimUser,
  listScimUsers,
  nameIn,
  userDocument,
} from './scim-users.ts'

/**
 * Answers a request for provisioning: accounts of staff, and the groups that give roles (RFC 7644). Patients and proxies do not exist
 * here, and neither do emergency administrators. Each decision is made by a function of the database, with its event.
 * @param segments of the path below /api/scim/v2
 * @throws RecordUnavailable, KeysUnavailable
 */
export async function answerScim(
  request: Request,
  segments: readonly string[],
  client: Client,
): Promise<Response> {
  const caller = await admitScim(request, client)
  if (caller instanceof Response) return caller
  try {
    const [kind, id, ...rest] = segments
    if (rest.length > 0) throw unknownAddress()
    if (kind === 'Users') return await users(caller, request, id)
    if (kind === 'Groups') return await groups(caller, request, id)
    if (request.method !== 'GET' || id !== undefined) throw unknownAddress()
    if (kind === 'ServiceProviderConfig') return serviceProviderConfig()
    if (kind === 'ResourceTypes') return resourceTypes()
    if (kind === 'Schemas') return schemas()
    throw unknownAddress()
  } catch (thrown) {
    if (thrown instanceof ScimRefusal) return scimError(thrown)
    throw thrown
  }
}

async function users(caller: ScimCaller, request: Request, id: string | undefined): Promise<Response> {
  const method = request.method
  if (id === undefined) {
    if (method === 'POST') {
      const made = await createScimUser(caller, await readScimBody(request, userDocument))
      return getScimUser(caller, made, 201)
    }
    if (method !== 'GET') throw notDone()
    const query = new URL(request.url).searchParams
    return listScimUsers(caller, {
      ...filterOf(query, ['userName', 'externalId']),
      startIndex: numberOf(query, 'startIndex', 1, 100_000) ?? 1,
      count: numberOf(query, 'count', 0, 200) ?? 100,
    })
  }
  if (method === 'GET') return getScimUser(caller, id)
  if (method === 'PATCH') {
    await changeScimUser(caller, id, readUserPatch((await readScimBody(request, patchDocument)).Operations))
    return getScimUser(caller, id)
  }
  if (method === 'PUT') {
    const user = await readScimBody(request, userDocument)
    await changeScimUser(caller, id, {
      userName: user.userName,
      displayName: nameIn(user),
      title: user.title ?? undefined,
      externalId: user.externalId ?? undefined,
      active: user.active,
    })
    return getScimUser(caller, id)
  }
  if (method !== 'DELETE') throw notDone()
  // What somebody did stays in the log for as long as the law says, so their account stays, closed.
  await changeScimUser(caller, id, { active: false })
  return scimAnswer(204, null)
}

async function groups(caller: ScimCaller, request: Request, id: string | undefined): Promise<Response> {
  const method = request.method
  const query = new URL(request.url).searchParams
  const withMembers = !(query.get('excludedAttributes') ?? '').split(',').includes('members')
  const named = z.object({ displayName: z.string().max(200) })
  if (id === undefined) {
    if (method === 'POST') return refuseNewGroup(caller, (await readScimBody(request, named)).displayName)
    if (method !== 'GET') throw notDone()
    return listScimGroups(caller, { ...filterOf(query, ['displayName']), withMembers })
  }
  if (method === 'GET') return getScimGroup(caller, id, withMembers)
  if (method === 'PATCH') {
    const { displayName, ...change } = readGroupPatch((await readScimBody(request, patchDocument)).Operations)
    if (displayName !== undefined) await requireSameGroupName(caller, id, displayName)
    await changeScimGroup(caller, id, change)
    return getScimGroup(caller, id, withMembers)
  }
  if (method !== 'PUT') throw notDone()
  const whole = z.object({ members: z.array(z.object({ value: z.string().max(64) })).max(5000) })
  const { members } = await readScimBody(request, whole)
  await changeScimGroup(caller, id, { add: members.map(({ value }) => value), remove: [], replace: true })
  return getScimGroup(caller, id, withMembers)
}

/** The one kind of filter there is: an attribute equals a text. @throws ScimRefusal for any other */
function filterOf<Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): { [name in Name]?: string } {
  const filter = query.get('filter')
  if (filter === null) return {}
  const [, attribute = '', quoted = ''] =
    /^\s*(\w{1,40})\s+eq\s+("(?:[^"\\]|\\.){0,300}")\s*$/i.exec(filter) ?? []
  const name = names.find((each) => each.toLowerCase() === attribute.toLowerCase())
  const value = z.string().safeParse(textIn(quoted))
  if (name === undefined || !value.success)
    throw new ScimRefusal(400, `Only ${names.join(' or ')} eq "…" can be asked for.`, 'invalidFilter')
  return { [name]: value.data } as { [name in Name]?: string }
}

function textIn(quoted: string): unknown {
  try {
    return JSON.parse(quoted)
  } catch {
    return undefined
  }
}

function numberOf(query: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const given = query.get(name)
  if (given === null || !/^-?\d{1,9}$/.test(given)) return undefined
  return Math.min(max, Math.max(min, Number(given)))
}

const unknownAddress = () => new ScimRefusal(404, 'There is nothing at this address.')
const notDone = () => new ScimRefusal(501, 'This is not done here.')
