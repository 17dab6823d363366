import 'server-only'

import { now } from '#lib/clock.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { DenyReason } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { isTaken } from '#lib/records/shared/once-more.ts'
import { rowIdFor } from '#lib/records/shared/row-id.ts'
import type { RegisterInput } from './input.ts'
import { makeMrn } from './make-mrn.ts'
import { readRegistration } from './read-registration.ts'
import { findPatients } from './search-patients.ts'
import { toContacts } from './to-contacts.ts'
import type { FieldProblem, FoundPatientView } from './view.ts'

export type RegisterOutcome =
  | { kind: 'registered'; patientId: string }
  /** The same form arrived before: this is the patient it made. */
  | { kind: 'already-registered'; patientId: string }
  /** Patients with this name and birth date; nothing is written until the person says that it is none of these. */
  | { kind: 'similar'; patients: FoundPatientView[] }
  | { kind: 'problems'; problems: FieldProblem[] }
  | { kind: 'denied'; reason: DenyReason }

/** A generated record number that is taken is made anew. */
const attemptsMax = 3

/**
 * Registers a patient together with the first care relationship, in one transaction: without one nobody could open the
 * record. `sent` is the form as it came. Patients of the actor with the same family name and birth date are shown first, and any other ones whom
 * a name or date that was mended brings up.
 */
export async function registerPatient(
  actor: Actor,
  sent: Readonly<Record<string, unknown>>,
): Promise<RegisterOutcome> {
  const registration = readRegistration(sent)
  if (registration.kind === 'problems') return registration
  const { input, birthDate } = registration
  const known = await findPatients(actor, { familyName: input.familyName, birthDate })
  if (known.kind === 'denied') return known
  const similar = known.kind === 'granted' ? known.value : []
  // The second copy of a form finds the first one's patient, who is no namesake.
  if (similar.some(({ patient }) => patient.patientId === input.key)) {
    return { kind: 'already-registered', patientId: input.key }
  }
  if (similar.some(({ patient }) => !input.confirmed.includes(patient.patientId)))
    return { kind: 'similar', patients: similar }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write(actor, input, birthDate)
    } catch (error) {
      // Either the same form was quicker, which the next attempt will be told, or the record number is in use.
      if (!isTaken(error)) throw error
      if (attempt < attemptsMax) continue
      if (input.mrn === '') throw error
      return { kind: 'problems', problems: [{ field: 'mrn', message: 'This MRN is in use' }] }
    }
  }
}

async function write(actor: Actor, input: RegisterInput, birthDate: string): Promise<RegisterOutcome> {
  const patientId = input.key
  const outcome = await withRecord(
    actor,
    {
      view: 'patient-registration',
      action: 'CREATE',
      patients: [patientId],
      resourceType: 'Patient',
      resourceId: patientId,
    },
    async (record) => {
      await record.patient.create({
        data: {
          id: patientId,
          familyName: input.familyName,
          givenName: input.givenName,
          preferredName: input.preferredName || null,
          birthDate,
          sex: input.sex,
          pronouns: input.pronouns || null,
          language: input.language || null,
          mrn: input.mrn || makeMrn(),
          ssn: input.ssn || null,
          ssnLastFour: input.ssn.slice(-4) || null,
        },
        select: { id: true },
      })
      for (const contact of toContacts(input)) {
        await record.patientContact.create({ data: { ...contact, patientId }, select: { id: true } })
      }
      const [kind, carerId] = input.carer.split(':')
      await record.careRelationship.create({
        data: {
          id: rowIdFor(input.key, 'care-relationship'),
          patientId,
          accountId: kind === 'account' ? (carerId ?? null) : null,
          careTeamId: kind === 'team' ? (carerId ?? null) : null,
          startsAt: now(),
          reason: input.reason || 'Registered',
        },
        select: { id: true },
      })
    },
  )
  if (outcome.kind === 'granted') return { kind: 'registered', patientId }
  // The door makes nobody who exists: that may be the one whom this very form made.
  if (outcome.reason === 'no-relation' && (await isOwn(actor, patientId)))
    return { kind: 'already-registered', patientId }
  return { kind: 'denied', reason: outcome.reason }
}

/** Whether the patient exists and is cared for by the actor. */
async function isOwn(actor: Actor, patientId: string): Promise<boolean> {
  const outcome = await withRecord(
    actor,
    { view: 'care-team', action: 'READ', patients: [patientId], fields: {} },
    (record) => record.patient.findUnique({ where: { id: patientId }, select: { id: true } }),
  )
  return outcome.kind === 'granted' && outcome.value !== null
}
