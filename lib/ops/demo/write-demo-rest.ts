import 'server-only'
import { now } from '#lib/clock.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { parts, type Part } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { portalLogins, staff } from '#prisma/seed/cast.ts'
import { problems, type Problem } from '#prisma/seed/catalogue/conditions.ts'
import type { DemoClinic } from '#prisma/seed/clinic.ts'
import type { NotePlan } from '#prisma/seed/note-plans.ts'
import type { Person } from '#prisma/seed/person.ts'
import type { DemoPeople } from './make-demo-accounts.ts'

const dayMilliseconds = 86_400_000

export type DemoRecordIds = (type: string, key: string) => string

/** What FHIR files do not carry: notes of their authors, patients' payments, who may open a record and who cares for it. */
export async function writeDemoRest(
  actor: Actor,
  clinic: DemoClinic,
  people: DemoPeople,
  idOf: DemoRecordIds,
): Promise<void> {
  for (const { person } of clinic.patients) {
    const patientId = idOf('Patient', person.key)
    const access = { view: 'import', action: 'UPDATE', patients: [patientId] } as const
    const outcome = await withRecord(actor, access, async (record) => {
      await writeGrants(record, person, patientId, people, idOf)
      await writeCare(record, person, patientId, people, idOf)
      const notes = clinic.notes.filter((note) => note.patient === person.key)
      await writeNotes(record, notes, patientId, people, idOf)
      await writePayments(record, clinic, person, patientId, idOf)
    })
    if (outcome.kind === 'denied')
      throw new RecordUnavailable(`the demo was not admitted (${outcome.reason})`)
  }
}

/** A father sees what concerns his daughter's health; the account stays with whoever pays it. */
const proxyParts: readonly Part[] = ['results', 'summary', 'notes', 'access-log']

async function writeGrants(
  record: RecordClient,
  person: Person,
  patientId: string,
  people: DemoPeople,
  idOf: DemoRecordIds,
) {
  const logins = portalLogins.filter((login) => login.patient === person.key)
  if (logins.length === 0) return
  await record.recordGrant.createMany({
    data: logins.map((login) => ({
      id: idOf('RecordGrant', login.key),
      patientId,
      accountId: accountOf(people, login.key),
      kind: login.role === 'proxy' ? 'proxy' : 'self',
      parts: login.role === 'proxy' ? [...proxyParts] : [...parts],
      startsAt: new Date(now().getTime() - 60 * dayMilliseconds),
      relationship: login.relationship ?? null,
    })),
  })
}

/** The psychologist's team cares for those who have mental-health visits, beside the family doctors. */
async function writeCare(
  record: RecordClient,
  person: Person,
  patientId: string,
  people: DemoPeople,
  idOf: DemoRecordIds,
) {
  const known = person.problems.map((key): Problem => problems[key])
  const careTeamId = people.teamOf.get('behavioral-health')
  if (!careTeamId || !known.some((problem) => problem.noteClass === 'mental-health')) return
  await record.careRelationship.createMany({
    data: [
      {
        id: idOf('CareRelationship', `${person.key}-behavioral-health`),
        patientId,
        careTeamId,
        startsAt: new Date(now().getTime() - 500 * dayMilliseconds),
        reason: 'Talk therapy',
      },
    ],
  })
}

async function writeNotes(
  record: RecordClient,
  notes: readonly NotePlan[],
  patientId: string,
  people: DemoPeople,
  idOf: DemoRecordIds,
) {
  if (notes.length === 0) return
  await record.note.createMany({
    data: notes.map((note) => {
      const signed = note.versions.filter((version) => version.signed)
      return {
        id: idOf('Note', note.key),
        patientId,
        encounterId: idOf('Encounter', note.encounter),
        class: note.class,
        status: signed.length === 0 ? 'draft' : signed.length > 1 ? 'amended' : 'signed',
        authorId: accountOf(people, note.author),
        authoredAt: new Date(note.versions[0]?.writtenAt ?? now()),
        signedAt: signed[0] ? new Date(signed[0].writtenAt) : null,
        currentVersion: signed.length,
      }
    }),
  })
  await record.noteVersion.createMany({
    data: notes.flatMap((note) =>
      note.versions.map((version, index) => ({
        id: idOf('NoteVersion', `${note.key}-${index + 1}`),
        patientId,
        noteId: idOf('Note', note.key),
        class: note.class,
        number: index + 1,
        status: version.signed ? 'signed' : 'draft',
        authorId: accountOf(people, note.author),
        authorName: staff.find((member) => member.key === note.author)?.name ?? null,
        writtenAt: new Date(version.writtenAt),
        signedAt: version.signed ? new Date(version.writtenAt) : null,
        title: version.title,
        body: version.body,
        reason: version.reason ?? null,
      })),
    ),
  })
}

async function writePayments(
  record: RecordClient,
  clinic: DemoClinic,
  person: Person,
  patientId: string,
  idOf: DemoRecordIds,
) {
  const payments = clinic.payments.filter((payment) => payment.patient === person.key)
  if (payments.length === 0) return
  const rows = payments.map((payment) => ({
    id: idOf('Payment', payment.key),
    patientId,
    claimId: idOf('Claim', payment.claim),
    status: 'active',
    paidAt: new Date(payment.paidAt),
    payer: 'patient',
    method: payment.method,
    amount: payment.amount,
    currency: 'USD',
  }))
  // The door takes the number that the registry names; Prisma's type knows the column's ciphertext.
  await record.payment.createMany({ data: rows as unknown as ((typeof rows)[number] & { amount: string })[] })
}

function accountOf(people: DemoPeople, key: string): string {
  const account = people.accountOf.get(key)
  if (account === undefined) throw new RangeError(`nobody of the cast is called ${key}`)
  return account
}
