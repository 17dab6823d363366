import 'server-only'
import { utcText } from '#lib/audit/seal/leaf-data.ts'
import { fieldsInWords, type Entry } from './entry-of.ts'
import type { Person } from './people.ts'

type Coding = { readonly system: string; readonly code: string; readonly display?: string }

const profile = (name: string): string =>
  `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${name}`
const coding = (system: string, code: string, display?: string): Coding =>
  display === undefined ? { system, code } : { system, code, display }
const interaction = (code: string): Coding => coding('http://hl7.org/fhir/restful-interaction', code, code)
const dicom = (code: string, display: string) => ({
  coding: [coding('http://dicom.nema.org/resources/ontology/DCM', code, display)],
})
const sourceRole = dicom('110153', 'Source Role ID')
const destinationRole = dicom('110152', 'Destination Role ID')
const participation = (code: string, display: string) => ({
  coding: [coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code, display)],
})
const application = dicom('110150', 'Application')
const custodianOfData = {
  coding: [
    coding('http://terminology.hl7.org/CodeSystem/provenance-participant-type', 'custodian', 'Custodian'),
  ],
}
const recipient = participation('IRCP', 'information recipient')
const author = participation('AUT', 'author (originator)')

/** What BALP calls each kind of access, and the parts of who asks, who answers, and who stands behind the one who asks. */
const kinds = {
  read: {
    profile: 'PatientRead',
    action: 'R',
    interaction: 'read',
    client: destinationRole,
    server: sourceRole,
    user: recipient,
  },
  create: {
    profile: 'PatientCreate',
    action: 'C',
    interaction: 'create',
    client: sourceRole,
    server: destinationRole,
    user: author,
  },
  update: {
    profile: 'PatientUpdate',
    action: 'U',
    interaction: 'update',
    client: sourceRole,
    server: destinationRole,
    user: author,
  },
  delete: {
    profile: 'PatientDelete',
    action: 'D',
    interaction: 'delete',
    client: application,
    server: custodianOfData,
    user: author,
  },
  search: {
    profile: 'PatientQuery',
    action: 'E',
    interaction: 'search',
    client: sourceRole,
    server: destinationRole,
    user: recipient,
  },
} as const

const kindOf = (action: string | null): (typeof kinds)[keyof typeof kinds] => {
  if (action === 'CREATE') return kinds.create
  if (action === 'UPDATE') return kinds.update
  if (action === 'DELETE') return kinds.delete
  if (action === 'SEARCH') return kinds.search
  // Exporting, printing and disclosing read; which of them it was stands beside it as a second subtype.
  return kinds.read
}

const uuid = (value: string | null) => ({ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${value ?? ''}` })

/**
 * An entry of the trail as a FHIR R4 AuditEvent of IHE's Basic Audit Log Patterns (ITI BALP 1.1.4): profile PatientRead, PatientCreate,
 * PatientUpdate, PatientDelete or PatientQuery. BALP leaves refusals to FHIR itself, so those name no profile and have outcome 4. An entry that
 * admits a change and the one of the change itself are told apart by the subtype ALLOWED or EFFECT.
 * @param host of the server that people ask; it also stands for the client where a job on the server worked
 */
export function auditEvent(entry: Entry, person: Person, host: string): object {
  const kind = kindOf(entry.action_type)
  const isDenied = entry.outcome === 'DENIED'
  const server = {
    who: { identifier: { system: 'urn:vigil:server', value: host } },
    network: { address: host, type: '1' },
  }
  const clientNetwork =
    entry.client_ip === null ? server.network : { address: entry.client_ip.split('/')[0], type: '2' }
  // Of a deletion BALP wants nothing but what it names.
  const isDelete = kind === kinds.delete
  return {
    resourceType: 'AuditEvent',
    id: entry.log_id,
    ...(isDenied ? {} : { meta: { profile: [profile(kind.profile)] } }),
    type: coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest', 'RESTful Operation'),
    subtype: [
      interaction(kind.interaction),
      ...(isDelete
        ? []
        : [
            coding('urn:vigil:outcome', entry.outcome ?? ''),
            coding('urn:vigil:action', entry.action_type ?? ''),
          ]),
    ],
    action: kind.action,
    recorded: utcText(entry.accessed_at ?? ''),
    outcome: isDenied ? '4' : '0',
    ...(isDenied && entry.reason !== null ? { outcomeDesc: entry.reason } : {}),
    agent: [
      {
        type: kind.client,
        who: { identifier: uuid(entry.session_id ?? entry.request_id) },
        requestor: false,
        network: clientNetwork,
      },
      { type: kind.server, ...server, requestor: false },
      {
        type: kind.user,
        who: { identifier: uuid(entry.actor_user_id), display: person.name },
        name: person.name,
        requestor: true,
        ...(entry.actor_role === null ? {} : { role: [{ text: entry.actor_role }] }),
        ...(entry.purpose === null
          ? {}
          : {
              purposeOfUse: [
                {
                  coding: [coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', entry.purpose)],
                },
              ],
            }),
      },
    ],
    source: {
      observer: { identifier: { system: 'urn:vigil:server', value: host } },
      type: [coding('http://terminology.hl7.org/CodeSystem/security-source-type', '4', 'Application Server')],
    },
    entity: [
      {
        what: { identifier: uuid(entry.request_id) },
        type: coding('https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', 'XrequestId'),
      },
      {
        what: { type: 'Patient', identifier: uuid(entry.patient_id) },
        type: coding('http://terminology.hl7.org/CodeSystem/audit-entity-type', '1', 'Person'),
        role: coding('http://terminology.hl7.org/CodeSystem/object-role', '1', 'Patient'),
      },
      kind === kinds.search ? queryOf(entry) : dataOf(entry, isDelete),
    ],
  }
}

const systemObject = coding('http://terminology.hl7.org/CodeSystem/audit-entity-type', '2', 'System Object')

/** The trail never holds what was searched for, only by which fields. */
const queryOf = (entry: Entry) => ({
  type: systemObject,
  role: coding('http://terminology.hl7.org/CodeSystem/object-role', '24', 'Query'),
  description: fieldsInWords(entry.changed_fields),
  query: Buffer.from(entry.changed_fields ?? '{}').toString('base64'),
})

const dataOf = (entry: Entry, isDelete: boolean) => ({
  what: {
    identifier:
      entry.resource_id === null ? { system: 'urn:vigil:view', value: entry.view } : uuid(entry.resource_id),
  },
  type: systemObject,
  role: coding('http://terminology.hl7.org/CodeSystem/object-role', '4', 'Domain Resource'),
  ...(isDelete ? {} : { name: entry.view, detail: detailsOf(entry) }),
})

const detailsOf = (entry: Entry) =>
  [
    ['fields', fieldsInWords(entry.changed_fields)],
    ['relation', entry.relation],
    ['break-glass', entry.break_glass_id],
  ].flatMap(([type, value]) => (value ? [{ type, valueString: value }] : []))
