/*
 * What IHE's Basic Audit Log Patterns (ITI BALP 1.1.4, StructureDefinitions IHE.BasicAudit.Patient*) ask beyond FHIR R4, as a table: no
 * validator of profiles runs without Java, so the profiles' own constraints are written out here and checked one by one.
 */
type Coding = { system?: string; code?: string }
type Concept = { coding?: Coding[] }
type Agent = { type?: Concept; who?: object; requestor?: boolean; network?: object; media?: object }
type Entity = {
  type?: Coding
  role?: Coding
  what?: { type?: string; identifier?: object }
  query?: string
  detail?: object[]
}
export type AuditEventShape = {
  meta?: { profile?: string[] }
  type?: Coding
  subtype?: Coding[]
  action?: string
  recorded?: string
  outcome?: string
  agent?: Agent[]
  entity?: Entity[]
}

const dicom = 'http://dicom.nema.org/resources/ontology/DCM'
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const custodian = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'

const profiles: Record<string, { action: string; subtype: string; client: string; server: string; user: string[] }> = {
  PatientRead: { action: 'R', subtype: 'read', client: `${dicom}|110152`, server: `${dicom}|110153`, user: ['IRCP'] },
  PatientCreate: { action: 'C', subtype: 'create', client: `${dicom}|110153`, server: `${dicom}|110152`, user: ['AUT', 'INF', 'CST'] },
  PatientUpdate: { action: 'U', subtype: 'update', client: `${dicom}|110153`, server: `${dicom}|110152`, user: ['AUT', 'INF', 'CST'] },
  PatientDelete: { action: 'D', subtype: 'delete', client: `${dicom}|110150`, server: `${custodian}|custodian`, user: ['AUT', 'INF', 'CST'] },
  PatientQuery: { action: 'E', subtype: 'search', client: `${dicom}|110153`, server: `${dicom}|110152`, user: ['IRCP'] },
} // prettier-ignore

const has = (concept: Concept | undefined, wanted: string): boolean =>
  (concept?.coding ?? []).some(({ system, code }) => `${system}|${code}` === wanted)
const is = (coding: Coding | undefined, system: string, code: string): boolean =>
  coding?.system === system && coding.code === code
const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role'

/** The constraints of its BALP profile that an AuditEvent breaks; none for one that names no profile. */
export function balpFaults(event: AuditEventShape): string[] {
  const name = /IHE\.BasicAudit\.(\w+)$/.exec(event.meta?.profile?.[0] ?? '')?.[1]
  if (name === undefined) return []
  const wanted = profiles[name]
  if (!wanted) return [`no such profile: ${name}`]
  const agents = event.agent ?? []
  const entities = event.entity ?? []
  const clients = agents.filter((agent) => has(agent.type, wanted.client))
  const servers = agents.filter((agent) => has(agent.type, wanted.server))
  const users = agents.filter((agent) =>
    wanted.user.some((code) => has(agent.type, `${participation}|${code}`)),
  )
  const patients = entities.filter((entity) => is(entity.type, entityType, '1'))
  const data = entities.filter((entity) => is(entity.type, entityType, '2'))
  const isQuery = name === 'PatientQuery'
  const checks: [string, boolean][] = [
    ['type is rest', is(event.type, 'http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest')],
    ['subtype', (event.subtype ?? []).some((each) => is(each, 'http://hl7.org/fhir/restful-interaction', wanted.subtype))],
    ['one subtype of a deletion', name !== 'PatientDelete' || event.subtype?.length === 1],
    ['action', event.action === wanted.action],
    ['recorded 1..1', event.recorded !== undefined],
    ['outcome is 0', event.outcome === '0'],
    ['client 1..1 with who and network', clients.length === 1 && clients.every(({ who, network, media }) => who && network && !media)],
    ['server 1..1 with who and network', servers.length === 1 && servers.every(({ who, network, media }) => who && network && !media)],
    ['user 0..1, requestor, without network', users.length <= 1 && users.every(({ who, requestor, network, media }) => who && requestor && !network && !media)],
    ['patient 1..1', patients.length === 1 && patients.every(({ role, what }) => is(role, objectRole, '1') && what?.type === 'Patient')],
    ['data or query 1..1', data.length === 1],
    ['role of the data', data.every(({ role }) => (isQuery ? ['24'] : ['3', '4', '20']).includes(role?.code ?? ''))],
    ['what of the data', data.every(({ what }) => isQuery === (what === undefined))],
    ['query in base64', !isQuery || data.every(({ query, detail }) => query !== undefined && detail === undefined)],
  ] // prettier-ignore
  return checks.filter(([, holds]) => !holds).map(([check]) => `${name}: ${check}`)
}
