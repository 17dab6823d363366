/** What a provider sends in one step, and what it must get. */
export type ScimStep = {
  does: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** below /api/scim/v2; `{user}` and `{group}` stand for ids */
  path: string
  body?: unknown
  status: number
  /** what the answer has, among other things */
  gives?: object
}

const core = 'urn:ietf:params:scim:schemas:core:2.0:User'
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const patchOp = (...Operations: object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
})

/**
 * Requests in the shapes that vendors document, written out by hand: the order in which a person arrives, changes and leaves. None of
 * these products was at hand, so this is what their documents say and no recording.
 * Sources: Okta, "Okta and SCIM Version 2.0"; Microsoft, "Develop and plan provisioning for a SCIM endpoint in Microsoft Entra ID" and
 * "SCIM 2.0 protocol compliance" (the flag aadOptscim062020); the Keycloak extension mitodl/keycloak-scim, built on the SCIM SDK.
 */
export const scimRequests: Readonly<Record<string, readonly ScimStep[]>> = {
  Okta: [
    { does: 'tries the connection', method: 'GET', path: 'Users?startIndex=1&count=2', status: 200, gives: { startIndex: 1, itemsPerPage: 2 } },
    { does: 'reads the groups', method: 'GET', path: 'Groups?startIndex=1&count=100', status: 200 },
    { does: 'looks for the person', method: 'GET', path: 'Users?filter=userName%20eq%20%22okta.ada%40hospital.example%22&startIndex=1&count=100', status: 200, gives: { totalResults: 0, Resources: [] } },
    {
      does: 'makes the person',
      method: 'POST',
      path: 'Users',
      body: {
        schemas: [core],
        userName: 'okta.ada@hospital.example',
        name: { givenName: 'Ada', familyName: 'Okoye' },
        emails: [{ primary: true, value: 'okta.ada@hospital.example', type: 'work' }],
        displayName: 'Ada Okoye',
        locale: 'en-US',
        externalId: '00ujl29u0le5T6Aj10h7',
        groups: [],
        password: 'not ours to keep',
        active: true,
      },
      status: 201,
      gives: { userName: 'okta.ada@hospital.example', displayName: 'Ada Okoye', externalId: '00ujl29u0le5T6Aj10h7' },
    },
    {
      does: 'names a pushed group',
      method: 'PATCH',
      path: 'Groups/{group}',
      body: patchOp({ op: 'replace', value: { id: '{group}', displayName: 'vigil-nurses' } }),
      status: 200,
    },
    {
      does: 'puts the person into it',
      method: 'PATCH',
      path: 'Groups/{group}',
      body: patchOp({ op: 'add', path: 'members', value: [{ value: '{user}', display: 'okta.ada@hospital.example' }] }),
      status: 200,
    },
    { does: 'reads the person', method: 'GET', path: 'Users/{user}', status: 200, gives: { active: true, groups: [{ value: '{group}' }] } },
    {
      does: 'replaces the profile, with another address',
      method: 'PUT',
      path: 'Users/{user}',
      body: {
        schemas: [core],
        id: '{user}',
        userName: 'okta.ada.mensah@hospital.example',
        name: { givenName: 'Ada', familyName: 'Mensah' },
        emails: [{ primary: true, value: 'okta.ada.mensah@hospital.example', type: 'work' }],
        displayName: 'Ada Mensah',
        title: 'Charge nurse',
        active: true,
        groups: [],
        meta: { resourceType: 'User' },
      },
      status: 200,
      gives: { userName: 'okta.ada.mensah@hospital.example', displayName: 'Ada Mensah', title: 'Charge nurse', active: true },
    },
    { does: 'deactivates', method: 'PATCH', path: 'Users/{user}', body: patchOp({ op: 'replace', value: { active: false } }), status: 200, gives: { active: false } },
    { does: 'activates again', method: 'PATCH', path: 'Users/{user}', body: patchOp({ op: 'replace', value: { active: true } }), status: 200, gives: { active: true } },
    {
      does: 'takes the person out of the group',
      method: 'PATCH',
      path: 'Groups/{group}',
      body: patchOp({ op: 'remove', path: 'members[value eq "{user}"]' }),
      status: 200,
    },
    { does: 'asks for somebody unknown', method: 'GET', path: 'Users/010101001010101011001010101011', status: 404, gives: { status: '404' } },
  ],
  'Entra ID': [
    { does: 'tries the connection', method: 'GET', path: 'Users?filter=userName+eq+%22d3b4ad0d-4c4c-44b8-9d12-4d60f1f1a5d4%22', status: 200, gives: { totalResults: 0, Resources: [] } },
    { does: 'reads the schemas', method: 'GET', path: 'Schemas', status: 200 },
    { does: 'looks for the person', method: 'GET', path: 'Users?filter=externalId+eq+%22jyoung%22', status: 200, gives: { totalResults: 0 } },
    {
      does: 'makes the person',
      method: 'POST',
      path: 'Users',
      body: {
        schemas: [core, enterprise],
        externalId: 'jyoung',
        userName: 'Entra.Joy@hospital.example',
        active: true,
        displayName: 'Joy Young',
        emails: [{ primary: true, type: 'work', value: 'entra.joy@hospital.example' }],
        meta: { resourceType: 'User' },
        name: { formatted: 'Joy Young', familyName: 'Young', givenName: 'Joy' },
        roles: [],
        [enterprise]: { department: 'Cardiology' },
      },
      status: 201,
      gives: { userName: 'Entra.Joy@hospital.example', externalId: 'jyoung' },
    },
    { does: 'looks for the group', method: 'GET', path: 'Groups?excludedAttributes=members&filter=displayName+eq+%22vigil-nurses%22', status: 200, gives: { totalResults: 1, Resources: [{ id: '{group}' }] } },
    {
      does: 'gives the group its own id',
      method: 'PATCH',
      path: 'Groups/{group}',
      body: patchOp({ op: 'Add', path: 'externalId', value: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159' }),
      status: 200,
    },
    {
      does: 'puts the person into it',
      method: 'PATCH',
      path: 'Groups/{group}',
      body: patchOp({ op: 'Add', path: 'members', value: [{ $ref: null, value: '{user}' }] }),
      status: 200,
    },
    { does: 'reads the person', method: 'GET', path: 'Users/{user}', status: 200, gives: { active: true } },
    {
      does: 'changes attributes one by one',
      method: 'PATCH',
      path: 'Users/{user}',
      body: patchOp(
        { op: 'Replace', path: 'name.familyName', value: 'Youngs' },
        { op: 'Replace', path: 'displayName', value: 'Joy Youngs' },
        { op: 'Replace', path: 'userName', value: 'entra.youngs@hospital.example' },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'entra.youngs@hospital.example' },
        { op: 'Add', path: `${enterprise}:department`, value: 'Nephrology' },
        { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '555-0100' },
        { op: 'Add', path: 'title', value: 'Nurse' },
      ),
      status: 200,
      gives: { userName: 'entra.youngs@hospital.example', displayName: 'Joy Youngs', title: 'Nurse' },
    },
    {
      does: 'changes several in one value, with names in dots',
      method: 'PATCH',
      path: 'Users/{user}',
      body: patchOp({ op: 'replace', value: { displayName: 'Joy Y.', 'name.familyName': 'Y.', [`${enterprise}:department`]: 'Wards' } }),
      status: 200,
      gives: { displayName: 'Joy Y.' },
    },
    { does: 'empties an attribute', method: 'PATCH', path: 'Users/{user}', body: patchOp({ op: 'Remove', path: 'title' }), status: 200 },
    { does: 'deactivates with a word', method: 'PATCH', path: 'Users/{user}', body: patchOp({ op: 'Replace', path: 'active', value: 'False' }), status: 200, gives: { active: false } },
    { does: 'finds the person nevertheless', method: 'GET', path: 'Users?filter=userName+eq+%22entra.youngs%40hospital.example%22', status: 200, gives: { totalResults: 1, Resources: [{ active: false }] } },
    {
      does: 'takes the person out of the group',
      method: 'PATCH',
      path: 'Groups/{group}',
      body: patchOp({ op: 'Remove', path: 'members', value: [{ $ref: null, value: '{user}' }] }),
      status: 200,
    },
    { does: 'deletes after thirty days', method: 'DELETE', path: 'Users/{user}', status: 204 },
  ],
  Keycloak: [
    { does: 'reads what the service can do', method: 'GET', path: 'ServiceProviderConfig', status: 200 },
    {
      does: 'makes the person',
      method: 'POST',
      path: 'Users',
      body: {
        schemas: [core],
        externalId: 'f4b2c1de-6f0a-4b8e-9d0c-2b7f00a1c3aa',
        userName: 'keycloak.kim@hospital.example',
        displayName: 'Kim Keller',
        name: { givenName: 'Kim', familyName: 'Keller' },
        emails: [{ value: 'keycloak.kim@hospital.example' }],
        active: true,
        roles: [],
      },
      status: 201,
    },
    {
      does: 'replaces a group',
      method: 'PUT',
      path: 'Groups/{group}',
      body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], externalId: 'g-1', displayName: 'vigil-nurses', members: [{ value: '{user}', $ref: 'Users/{user}' }] },
      status: 200,
      gives: { members: [{ value: '{user}' }] },
    },
    {
      does: 'replaces the person',
      method: 'PUT',
      path: 'Users/{user}',
      body: { schemas: [core], userName: 'keycloak.kim@hospital.example', displayName: 'Kim Keller', emails: [{ value: 'keycloak.kim@hospital.example' }], active: false },
      status: 200,
      gives: { active: false },
    },
    { does: 'deletes the person', method: 'DELETE', path: 'Users/{user}', status: 204 },
  ],
} // prettier-ignore
