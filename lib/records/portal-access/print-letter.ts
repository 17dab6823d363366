import 'server-only'

import { activationProof } from '#lib/auth/activation.ts'
import { now } from '#lib/clock.ts'
import { formatName } from '#lib/format.ts'
import { activationExpiry } from '#lib/phi/portal-desk.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { writeActivationLetter, type ActivationLetter } from './write-activation-letter.ts'

/** The letter for a code that was just handed out, as a PDF; null when it is not the open code of this patient. */
export async function printLetter(
  actor: Actor,
  patientId: string,
  code: string,
): Promise<Outcome<Buffer | null>> {
  const outcome = await withRecord(
    actor,
    {
      view: 'portal-access',
      action: 'PRINT',
      patients: [patientId],
      fields: { Patient: ['familyName', 'givenName'], PatientContact: ['kind', 'address'] },
    },
    async (record): Promise<ActivationLetter | null> => {
      const patient = await record.patient.findUnique({
        where: { id: patientId },
        select: {
          familyName: true,
          givenName: true,
          patientContacts: { take: 20, select: { id: true, kind: true, address: true } },
        },
      })
      const expiresAt = await activationExpiry(patientId, activationProof(code, '').codeHash)
      if (!patient || !expiresAt) return null
      return {
        name: formatName({ given: patient.givenName, family: patient.familyName }),
        address: addressLines(patient.patientContacts.find(({ kind }) => kind === 'address')?.address),
        code,
        expiresAt,
        writtenAt: now(),
      }
    },
  )
  if (outcome.kind === 'denied') return outcome
  return { ...outcome, value: outcome.value && (await writeActivationLetter(outcome.value)) }
}

/** An address of a record as the lines of a letter. */
function addressLines(address: unknown): string[] {
  if (typeof address !== 'object' || address === null) return []
  const { lines, city, state, postalCode } = address as Record<string, unknown>
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const place = [text(city), [text(state), text(postalCode)].filter(Boolean).join(' ')].filter(Boolean)
  return [...(Array.isArray(lines) ? lines.map(text) : []), place.join(', ')].filter((line) => line !== '')
}
