import type { Action, Purpose, Relation } from './access.ts'
import type { Role } from './roles.ts'
import type { ViewName } from './views.ts'

/** The database role that a unit of work assumes; its grants say what it may touch at all. */
export type DatabaseRole =
  | 'phi_patient'
  | 'phi_proxy'
  | 'phi_nurse'
  | 'phi_clinician'
  | 'phi_billing'
  | 'phi_billing_identity'
  /** concerns, disclosures and requests for an accounting, and nothing else of a record */
  | 'phi_compliance'
  | 'phi_job_import'
  | 'phi_job_rotate'
  | 'phi_job_reindex'
  | 'phi_job_shred'
  /** Nothing can be read: the search answers with opaque references. */
  | 'none'

export type Rule = {
  readonly role: Role
  readonly view: ViewName
  readonly action: Action
  readonly relations: readonly Relation[]
  readonly databaseRole: DatabaseRole
  readonly purposes: readonly [Purpose, ...Purpose[]]
  /** How old the second factor may be, in seconds; absent where signing in is enough. */
  readonly stepUpSeconds?: number
}

type Grant = { views: readonly ViewName[]; actions: readonly Action[]; relations: readonly Relation[]; purposes: readonly [Purpose, ...Purpose[]]; stepUpSeconds?: number } // prettier-ignore

const myViews = [
  'my-home',
  'my-results',
  'my-result',
  'my-summary',
  'my-notes',
  'my-note',
  'my-access-log',
  'my-concerns',
  'my-disclosures',
] as const
/** Where a patient writes to the clinic about the trail, and takes a copy along. */
const rightsViews = ['my-concerns', 'my-disclosures'] as const
const copiedViews = ['my-access-log', 'my-disclosures'] as const
const chartViews = [
  'care-worklist',
  'chart-summary',
  'chart-results',
  'chart-vitals',
  'chart-notes',
  'care-team',
] as const

/**
 * Who may do what, in one place. What is not written here is refused.
 *
 * - Patients read their own record, report what they do not recognise, and ask for an accounting. Proxies read the parts that were granted to them.
 * - Nurses and clinicians read and write for patients they, or their team, care for. They may register a patient who
 *   does not exist yet, because somebody must be able to set the first care team. Whoever broke the glass for a patient may do
 *   the same for an hour, but not change the care team nor sign off results: an emergency makes nobody a carer. Those in care
 *   of a patient hand out the patient's login, with a second factor that is younger than five minutes.
 * - Billing reads accounts of the clinic's patients for payment; the full social security number only with a second
 *   factor that is younger than five minutes.
 * - Compliance officers find a patient to ask the trail about, answer what patients report, and keep the ledger of
 *   disclosures; of the record itself they see no field.
 * - Administrators are absent: they never see a patient.
 * - The import job creates and updates records of the files it is given.
 * - Jobs on keys re-encrypt, renew search tokens, and destroy: each sees only what its work needs.
 */
const grants: Partial<Record<Role, { databaseRole: DatabaseRole; grants: readonly Grant[] }[]>> = {
  patient: [
    {
      databaseRole: 'phi_patient',
      grants: mine('self'),
    },
  ],
  proxy: [
    {
      databaseRole: 'phi_proxy',
      grants: mine('proxy'),
    },
  ],
  nurse: [{ databaseRole: 'phi_nurse', grants: care() }, emergency()],
  clinician: [{ databaseRole: 'phi_clinician', grants: care() }, emergency()],
  billing: [
    {
      databaseRole: 'phi_billing',
      grants: [
        {
          views: ['billing-queue', 'billing-account'],
          actions: ['READ', 'PRINT'],
          relations: ['organisation'],
          purposes: ['HPAYMT'],
        },
        { views: ['billing-queue'], actions: ['SEARCH'], relations: ['organisation'], purposes: ['HPAYMT'] },
      ],
    },
    {
      databaseRole: 'phi_billing_identity',
      grants: [
        {
          views: ['billing-ssn'],
          actions: ['READ'],
          relations: ['organisation'],
          purposes: ['HPAYMT'],
          stepUpSeconds: 300,
        },
      ],
    },
  ],
  compliance: [
    {
      databaseRole: 'none',
      grants: [
        {
          views: ['patient-picker'],
          actions: ['SEARCH'],
          relations: ['organisation'],
          purposes: ['HOPERAT'],
        },
      ],
    },
    {
      databaseRole: 'phi_compliance',
      grants: [
        {
          views: ['concern-work', 'disclosure-ledger'],
          actions: ['READ', 'CREATE', 'UPDATE'],
          relations: ['organisation'],
          purposes: ['HOPERAT'],
        },
        {
          views: ['disclosure-ledger'],
          actions: ['EXPORT'],
          relations: ['organisation'],
          purposes: ['HOPERAT'],
        },
      ],
    },
  ],
  service: [
    {
      databaseRole: 'phi_job_import',
      grants: [
        { views: ['import'], actions: ['CREATE'], relations: ['new'], purposes: ['HOPERAT'] },
        { views: ['import'], actions: ['READ', 'UPDATE'], relations: ['service'], purposes: ['HOPERAT'] },
      ],
    },
    { databaseRole: 'phi_job_rotate', grants: [job('key-rotation')] },
    { databaseRole: 'phi_job_reindex', grants: [job('search-index')] },
    { databaseRole: 'phi_job_shred', grants: [job('key-shredding')] },
  ],
}

function mine(relation: 'self' | 'proxy'): readonly Grant[] {
  return [
    { views: myViews, actions: ['READ', 'PRINT'], relations: [relation], purposes: ['PATRQT'] },
    { views: copiedViews, actions: ['EXPORT'], relations: [relation], purposes: ['PATRQT'] },
    { views: rightsViews, actions: ['CREATE'], relations: [relation], purposes: ['PATRQT'] },
  ]
}

function job(view: ViewName): Grant {
  return { views: [view], actions: ['READ', 'UPDATE'], relations: ['service'], purposes: ['HOPERAT'] }
}

/** Finding somebody who is not one's own, before the glass is broken: an opaque reference, and no field of the record. */
function emergency(): { databaseRole: DatabaseRole; grants: readonly Grant[] } {
  return {
    databaseRole: 'none',
    grants: [
      {
        views: ['emergency-search'],
        actions: ['SEARCH'],
        relations: ['organisation'],
        purposes: ['ETREAT'],
      },
    ],
  }
}

function care(): readonly Grant[] {
  return [
    { views: chartViews, actions: ['READ', 'PRINT'], relations: ['care', 'emergency'], purposes: ['TREAT'] },
    { views: ['patient-search'], actions: ['SEARCH'], relations: ['care', 'emergency'], purposes: ['TREAT'] },
    { views: ['patient-registration'], actions: ['CREATE'], relations: ['new'], purposes: ['TREAT'] },
    {
      views: ['vitals-entry'],
      actions: ['READ', 'CREATE', 'UPDATE'],
      relations: ['care', 'emergency'],
      purposes: ['TREAT'],
    },
    {
      views: ['note-writing'],
      actions: ['READ', 'CREATE', 'UPDATE', 'DELETE'],
      relations: ['care', 'emergency'],
      purposes: ['TREAT'],
    },
    { views: ['chart-results', 'care-team'], actions: ['UPDATE'], relations: ['care'], purposes: ['TREAT'] },
    { views: ['portal-access'], actions: ['READ', 'PRINT'], relations: ['care'], purposes: ['HOPERAT'] },
    {
      views: ['portal-access'],
      actions: ['UPDATE'],
      relations: ['care'],
      purposes: ['HOPERAT'],
      stepUpSeconds: 300,
    },
  ]
}

/** Every rule, one per role, view and action; loaded into audit.policy_rule, which `audit.admit` decides by. */
export const rules: readonly Rule[] = Object.entries(grants).flatMap(([role, sets]) =>
  sets.flatMap(({ databaseRole, grants }) =>
    grants.flatMap(({ views, actions, relations, purposes, stepUpSeconds }) =>
      views.flatMap((view) =>
        actions.map((action): Rule => ({
          role: role as Role,
          view,
          action,
          relations,
          databaseRole,
          purposes,
          ...(stepUpSeconds === undefined ? {} : { stepUpSeconds }),
        })),
      ),
    ),
  ),
)
