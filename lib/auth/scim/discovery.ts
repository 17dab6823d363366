import 'server-only'

import { scimAnswer, scimList, schemaOf } from './scim-answer.ts'
import { scimBase } from './scim-users.ts'

const configSchema = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'

/** What this service can do (RFC 7643 §5). */
export const serviceProviderConfig = (): Response =>
  scimAnswer(200, {
    schemas: [configSchema],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 200 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token from the page Single sign-on of the clinic',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${scimBase}/ServiceProviderConfig` },
  })

const resourceType = (name: 'User' | 'Group', schema: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: name,
  name,
  endpoint: `/${name}s`,
  schema,
  meta: { resourceType: 'ResourceType', location: `${scimBase}/ResourceTypes/${name}` },
})

/** The two kinds of resources (RFC 7643 §6). */
export const resourceTypes = (): Response =>
  scimList([resourceType('User', schemaOf.user), resourceType('Group', schemaOf.group)], 2)

type Attribute = { name: string; type?: string; mutability?: string; required?: boolean; uniqueness?: string }
const attribute = ({ name, type = 'string', mutability = 'readWrite', required = false, uniqueness = 'none' }: Attribute) => ({
  name, type, multiValued: ['groups', 'members', 'roles'].includes(name), required, caseExact: false, mutability, returned: 'default', uniqueness,
}) // prettier-ignore

const schema = (id: string, name: string, attributes: Attribute[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  attributes: attributes.map(attribute),
  meta: { resourceType: 'Schema', location: `${scimBase}/Schemas/${id}` },
})

/** What of the two is kept (RFC 7643 §7). */
export const schemas = (): Response =>
  scimList(
    [
      schema(schemaOf.user, 'User', [
        { name: 'userName', required: true, uniqueness: 'server' },
        { name: 'displayName', required: true },
        { name: 'title' },
        { name: 'active', type: 'boolean' },
        { name: 'externalId' },
        { name: 'roles', type: 'complex', mutability: 'writeOnly' },
        { name: 'groups', type: 'complex', mutability: 'readOnly' },
      ]),
      schema(schemaOf.group, 'Group', [
        { name: 'displayName', required: true, mutability: 'readOnly' },
        { name: 'members', type: 'complex' },
      ]),
    ],
    2,
  )
