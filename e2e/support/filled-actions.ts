import { randomUUID } from 'node:crypto'
import { ask } from './ask.ts'
import { rows } from './database.ts'
import { accountIdOf, accountOf, sessionOf, type Person } from './people.ts'
import { recordIds } from './records.ts'

type Args = (string | Record<string, string>)[]

/**
 * A server action with everything filled in that it asks for: whose it is, what is sent, the same with ids of others, and what shows
 * that it was filled in rightly. `writes`: sent by its owner it is done. `asks`: sent by its owner after six minutes it gets as far as
 * the question for a fresh code. `nothing`: it has nothing to do here (it names what is not there, or keeps things in the browser).
 */
export type FilledAction = {
  /** the file below app/, and the name of the function */
  action: string
  person: Person
  /** who has no business with it, filled in or not */
  others: Person[]
  /** who has the same for things of their own */
  alike?: Person
  args: () => Promise<Args> | Args
  ofOthers?: () => Promise<Args[]> | Args[]
  control: 'writes' | 'asks' | 'nothing'
}

const nobody = '00000000-0000-4000-8000-000000000000'
/** The state before, which these actions read as a form that holds nothing. */
const before = {}

async function one(text: string, values: unknown[] = []): Promise<string> {
  const [row] = await rows<{ id: string }>(text, values)
  if (!row) throw new Error(`there is nothing to fill in: ${text}`)
  return row.id
}

const patient = async () => (await recordIds()).patient
const stranger = async () => (await recordIds()).stranger
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** An entry about Maria's record by Ines, who looks first if she never has. */
async function inesEntry(): Promise<string> {
  const record = await patient()
  await ask(`/care/patients/${record}`, { token: await sessionOf('ines') })
  return one(
    `SELECT log_id AS id FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND actor_user_id = $2 AND outcome = 'ALLOWED' ORDER BY accessed_at DESC LIMIT 1`,
    [record, await accountIdOf('ines')],
  )
}
const foreignEntry = async () =>
  one('SELECT log_id AS id FROM audit.patient_phi_audit_log WHERE patient_id = $1 LIMIT 1', [
    await stranger(),
  ])
/** The newest of Maria's things of a kind. */
const newest = async (table: string, by: string) =>
  one(`SELECT id FROM phi.${table} WHERE patient_id = $1 ORDER BY ${by} DESC LIMIT 1`, [await patient()])
const ofAnother = async (table: string, where = 'true') =>
  one(`SELECT id FROM phi.${table} WHERE patient_id <> $1 AND ${where} ORDER BY id LIMIT 1`, [
    await patient(),
  ])
const request = () => newest('accounting_request', 'requested_at')
const disclosure = () => newest('disclosure', 'recorded_at')
const concern = () => newest('concern', 'reported_at')
const incident = () => one('SELECT id FROM audit.incident ORDER BY opened_at DESC LIMIT 1')
const vital = `kind = 'vital-signs'`

const told = () => ({
  key: randomUUID(),
  date: '2026-03-03',
  lastDate: '',
  times: '',
  basis: 'public-health',
  recipientName: 'County health department',
  recipientAddress: '',
  what: 'A laboratory report',
  purpose: 'State law asks laboratories to report it.',
})

const care: Pick<FilledAction, 'person' | 'others'> = {
  person: 'nadia',
  others: ['ben', 'ada', 'carla', 'maria', 'daniel'],
}
const mine: typeof care = { person: 'maria', others: ['nadia', 'ines', 'ben', 'ada', 'carla'] }
const admin: typeof care = { person: 'ada', others: ['nadia', 'ben', 'carla', 'maria'] }
const compliance: typeof care = { person: 'carla', others: ['nadia', 'ben', 'ada', 'maria'] }
/** Everybody has these, each for what is theirs. */
const own: typeof care = { person: 'ines', others: [] }
const password = () => accountOf('ines').password

const security = '(account)/security'
const chart = '(care)/care/patients/[patientId]'
const ledger = '(compliance)/compliance/disclosures'
const concerns = '(compliance)/compliance/concerns/[patientId]/[concernId]/actions.ts'
const reviews = '(compliance)/compliance/access-reviews/actions.ts'

/** Every action behind the sign-in that e2e/actions.e2e.ts does not catch on its way out of a browser, in an order in which they can be done. */
export const filledActions: FilledAction[] = [
  { action: `${security}/actions.ts setPassword`, ...own, control: 'asks', args: () => [before, { current: password(), next: 'seven slow otters on ice', 'password-code': '' }] },
  { action: `${security}/actions.ts makeRecoveryCodes`, ...own, control: 'asks', args: () => [before, { 'codes-code': '', 'codes-code-password': password() }] },
  { action: `${security}/email/actions.ts changeEmail`, ...own, control: 'asks', args: () => [before, { email: 'replayed@mail.example', 'email-password': password(), 'email-code': '' }] },
  { action: `${security}/authenticator-app/actions.ts startApp`, ...own, control: 'asks', args: () => [before, { 'app-code': '', 'app-code-password': password() }] },
  { action: `${security}/authenticator-app/actions.ts turnOnApp`, ...own, control: 'nothing', args: () => [before, { code: '123456' }] },
  { action: `${security}/authenticator-app/actions.ts endApp`, ...own, control: 'asks', args: () => [before, { 'app-end-code': '', 'app-end-code-password': password() }] },
  { action: `${security}/passkeys/actions.ts beginAddingPasskey`, ...own, control: 'asks', args: () => [{ 'passkey-name': 'Work laptop', 'passkey-code': '', 'passkey-code-password': password() }] },
  { action: `${security}/passkeys/actions.ts finishAddingPasskey`, ...own, control: 'nothing', args: () => ['Work laptop', '{}'] },
  { action: `${security}/passkeys/actions.ts endPasskey`, ...own, control: 'asks', args: () => [before, { passkey: nobody, 'remove-code': '', 'remove-code-password': password() }] },
  {
    action: `${security}/sessions/actions.ts endSessions`, ...own, control: 'asks', args: () => [before, { which: 'all', 'end-all': '' }],
    ofOthers: async () => [[before, { which: await one('SELECT id FROM app.session WHERE account_id = $1 AND ended_at IS NULL ORDER BY opened_at DESC LIMIT 1', [await accountIdOf('daniel')]) }]],
  },
  { action: 'confirm/actions.ts beginConfirming', ...own, control: 'nothing', args: () => [] },
  { action: '(account)/notices/actions.ts markRead', ...own, control: 'nothing', args: () => [{ notice: nobody }], ofOthers: async () => (await rows<{ id: string }>('SELECT id FROM app.notice WHERE account_id <> $1 AND read_at IS NULL LIMIT 1', [await accountIdOf('ines')])).map(({ id }) => [{ notice: id }]) },
  { action: '(account)/recovery-codes/actions.ts confirmSaved', ...own, control: 'nothing', args: () => [before, { saved: 'yes' }] },

  { action: '(patient)/choose-record/actions.ts showRecord', ...mine, control: 'nothing', args: async () => [{ record: await patient() }], ofOthers: async () => [[{ record: await stranger() }]] },
  {
    action: '(patient)/who-looked/[logId]/report/actions.ts reportAction', ...mine, alike: 'daniel', control: 'writes',
    args: async () => [await inesEntry(), before, { key: randomUUID(), body: 'Who was that, and why?', contact: '' }],
    ofOthers: async () => [[await foreignEntry(), before, { key: randomUUID(), body: 'Who was that, and why?', contact: '' }]],
  },
  { action: '(patient)/disclosures/actions.ts askAction', ...mine, control: 'writes', args: () => [{ key: randomUUID(), from: '2026-01-01', to: '2026-01-31' }] },

  { action: `${chart}/team/actions.ts endCarerAction`, ...care, control: 'nothing', args: async () => [await patient(), { relationship: nobody }], ofOthers: async () => [[await patient(), { relationship: await ofAnother('care_relationship', 'ends_at IS NULL') }], [await stranger(), { relationship: await newest('care_relationship', 'starts_at') }]] },
  { action: `${chart}/vitals/actions.ts withdrawVitalAction`, ...care, control: 'writes', args: async () => [await patient(), { vital: await one(`SELECT id FROM phi.observation WHERE patient_id = $1 AND ${vital} AND status <> 'entered-in-error' ORDER BY effective_at LIMIT 1`, [await patient()]) }], ofOthers: async () => [[await patient(), { vital: await ofAnother('observation', vital) }], [await stranger(), { vital: await one(`SELECT id FROM phi.observation WHERE patient_id = $1 AND ${vital} LIMIT 1`, [await patient()]) }]] },
  { action: `${chart}/notes/actions.ts discardDraftAction`, ...care, control: 'nothing', args: async () => [await patient(), randomUUID()], ofOthers: async () => [[await stranger(), await ofAnother('note')], [await patient(), await ofAnother('note')]] },
  { action: `${chart}/results/[resultId]/actions.ts markReviewedAction`, ...care, control: 'nothing', args: async () => [await patient(), nobody, before, { comment: 'Called the patient.' }], ofOthers: async () => [[await patient(), await ofAnother('observation', `kind = 'laboratory' AND reviewed_at IS NULL`), before, { comment: 'x' }], [await stranger(), (await recordIds()).result, before, { comment: 'x' }]] },
  { action: '(care)/care/emergency/actions.ts endAccess', ...care, control: 'nothing', args: () => [{ lease: nobody }] },
  { action: '(care)/care/emergency/actions.ts sendAnswer', ...care, control: 'nothing', args: () => [before, { lease: nobody, answer: 'I was asked to come by the ward.' }] },
  { action: '(care)/care/register/actions.ts registerPatientAction', ...care, control: 'writes', args: async () => [before, { key: randomUUID(), givenName: 'Replay', familyName: `Replayed${randomUUID().slice(0, 8)}`, preferredName: '', pronouns: '', 'birth-month': '4', 'birth-day': '2', 'birth-year': '1981', sex: 'female', language: '', phone: '', email: '', mrn: '', ssn: '', addressLine: '', city: '', state: '', postalCode: '', reason: '', carer: `team:${await one('SELECT care_team_id AS id FROM app.care_team_member WHERE account_id = $1 AND ends_at IS NULL LIMIT 1', [await accountIdOf('nadia')])}` }] },

  { action: '(admin)/admin/actions.ts changePersonAction', ...admin, control: 'asks', args: async () => [before, { account: await accountIdOf('tomasz'), change: 'role', role: 'nurse', confirmed: 'nurse', 'change-code': '' }], ofOthers: async () => [...['deactivate', 'end-sessions', 'unlock', 'invite-again', 'reactivate', 'last-day'].map((change) => async () => ({ account: await accountIdOf('maria'), change, 'last-day': day(3) })), async () => ({ account: await accountIdOf('ada'), change: 'role', role: 'compliance', confirmed: 'compliance' })].reduce<Promise<Args[]>>(async (all, fields) => [...(await all), [before, await fields()]], Promise.resolve([])) },
  { action: '(admin)/admin/settings/actions.ts saveRolePolicy', ...admin, control: 'asks', args: () => [before, { role: 'billing', 'idleMinutes-billing': '10', 'maxSessions-billing': '5', 'code-billing': '' }] },
  { action: '(admin)/admin/sessions/actions.ts signEverybodyOut', ...admin, control: 'asks', args: () => [before, { sure: 'yes', 'everybody-code': '' }] },
  { action: '(admin)/admin/recoveries/actions.ts recoveryStep', ...admin, control: 'asks', args: async () => [before, { step: 'ask', about: await accountIdOf('tomasz'), reason: 'locked', 'recovery-code': '' }], ofOthers: async () => [[before, { step: 'ask', about: await accountIdOf('maria'), reason: 'locked' }], [before, { step: 'agree', about: nobody }], [before, { step: 'close', about: nobody }]] },

  { action: '(compliance)/compliance/cases/actions.ts decideCaseAction', ...compliance, control: 'asks', args: async () => [before, { case: (await recordIds()).case, kind: 'EXPLAINED', reason: 'She covered for a colleague that night.', days: '', 'case-code': '' }] },
  { action: '(compliance)/compliance/cases/records/actions.ts endMarkAction', ...compliance, control: 'asks', args: () => [before, { mark: nobody, [`end-code-${nobody}`]: '' }], ofOthers: () => [[before, { mark: nobody }]] },
  { action: `${reviews} answerItemAction`, ...compliance, control: 'asks', args: async () => { const { review } = await recordIds(); const item = await one('SELECT item_id AS id FROM audit.access_review_item WHERE review_id = $1 AND decision IS NULL LIMIT 1', [review]); return [before, { item, review, [`decision-${item}`]: 'keep', [`newRole-${item}`]: '', [`note-${item}`]: '', [`code-${item}`]: '' }] } },
  { action: `${reviews} signReviewAction`, ...compliance, control: 'asks', args: async () => [before, { review: (await recordIds()).review, 'signature-code': '' }] },
  { action: '(compliance)/compliance/exports/actions.ts decideExportAction', ...compliance, control: 'asks', args: () => [before, { export: nobody, decision: 'agree', [`code-${nobody}`]: '' }], ofOthers: () => [[before, { export: nobody, decision: 'agree' }]] },
  { action: '(compliance)/compliance/exports/actions.ts cancelExportAction', ...compliance, control: 'nothing', args: () => [{ export: nobody }] },
  { action: '(compliance)/compliance/search/actions.ts saveViewAction', ...compliance, control: 'nothing', args: () => [before, { search: nobody, name: 'Replayed', shared: 'yes' }] },
  { action: '(compliance)/compliance/search/actions.ts viewAction', ...compliance, control: 'nothing', args: () => [{ view: nobody, change: 'remove' }] },
  { action: '(compliance)/compliance/break-glass/actions.ts review', ...compliance, control: 'asks', args: () => [before, { lease: nobody, decision: 'JUSTIFIED', note: 'The ambulance report says the same.', code: '' }], ofOthers: () => [[before, { lease: nobody, decision: 'JUSTIFIED', note: 'The ambulance report says the same.' }]] },
  { action: '(compliance)/compliance/break-glass/actions.ts revoke', ...compliance, control: 'nothing', args: () => [{ lease: nobody }] },
  { action: '(compliance)/compliance/incidents/actions.ts report', ...compliance, control: 'writes', args: () => [before, { accused: '', note: 'A list of names lay on the printer over night.' }] },
  { action: '(compliance)/compliance/incidents/actions.ts write', ...compliance, control: 'writes', args: async () => [before, { incident: await incident(), kind: 'NOTE', note: 'The list is shredded by now.' }], ofOthers: () => [[before, { incident: nobody, kind: 'NOTE', note: 'The list is shredded by now.' }]] },
  { action: `${ledger}/actions.ts findPatientAction`, ...compliance, control: 'writes', args: () => [before, { familyName: 'Reyes', givenName: 'Maria', birthDate: '', mrn: '' }] },
  { action: `${ledger}/[patientId]/actions.ts recordAction`, ...compliance, control: 'writes', args: async () => [await patient(), before, told()], ofOthers: () => [[nobody, before, told()]] },
  { action: `${ledger}/[patientId]/actions.ts extendAction`, ...compliance, control: 'writes', args: async () => [await patient(), await request(), before, { reason: 'An agency has not answered yet.' }], ofOthers: async () => [[await stranger(), await request(), before, { reason: 'An agency has not answered yet.' }]] },
  { action: `${ledger}/[patientId]/actions.ts provideAction`, ...compliance, control: 'writes', args: async () => [await patient(), await request()], ofOthers: async () => [[await stranger(), await request()]] },
  { action: `${ledger}/[patientId]/[disclosureId]/actions.ts suspendAction`, ...compliance, control: 'writes', args: async () => [await patient(), await disclosure(), before, { key: randomUUID(), authority: 'State police, Officer Hale', statement: 'It would impede an inquiry.', form: 'written', until: day(30) }], ofOthers: async () => [[await stranger(), await disclosure(), before, { key: randomUUID(), authority: 'State police, Officer Hale', statement: 'It would impede an inquiry.', form: 'written', until: day(30) }]] },
  { action: `${ledger}/[patientId]/[disclosureId]/actions.ts correctAction`, ...compliance, control: 'writes', args: async () => [await patient(), await disclosure(), before, { ...told(), reason: 'The wrong department was written down.' }], ofOthers: async () => [[await stranger(), await disclosure(), before, { ...told(), reason: 'The wrong department was written down.' }]] },
  { action: `${concerns} acknowledgeAction`, ...compliance, control: 'writes', args: async () => [await patient(), await concern()], ofOthers: async () => [[await stranger(), await concern()]] },
  { action: `${concerns} noteAction`, ...compliance, control: 'writes', args: async () => [await patient(), await concern(), before, { key: randomUUID(), body: 'Asked the ward.' }], ofOthers: async () => [[await stranger(), await concern(), before, { key: randomUUID(), body: 'Asked the ward.' }]] },
  { action: `${concerns} answerAction`, ...compliance, control: 'writes', args: async () => [await patient(), await concern(), before, { answer: 'Ines Moreau prepared your next visit with us.' }], ofOthers: async () => [[await stranger(), await concern(), before, { answer: 'Ines Moreau prepared your next visit with us.' }]] },
] // prettier-ignore
