import 'server-only'

import { randomUUID } from 'node:crypto'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { activationProof, newActivationCode } from '#lib/auth/activation.ts'
import { now } from '#lib/clock.ts'
import { deskLogin, issueActivation } from '#lib/phi/portal-desk.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { parts } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { identityFields, identitySelect } from '#lib/records/shared/identity.ts'
import { bearsNameOf, hindranceOf } from './desk-row.ts'
import type { DeskInput } from './input.ts'

export type HandOutOutcome =
  /** the code, which is shown here and nowhere again; `again` for a login that was there before */
  | { kind: 'handed-out'; code: string; again: boolean }
  | { kind: 'no-birth-date' | 'deceased' | 'own-record' }
  /** the address belongs to a login: everybody has one of their own */
  | { kind: 'taken' }
  | { kind: 'email-needed' }
  /** somebody else worked on this login at the same moment */
  | { kind: 'changed-meanwhile' }

/**
 * Hands out a code by which a patient sets their login up, or sets it up anew after losing everything. Needs a second factor that
 * is younger than five minutes, and somebody in care of the patient who is not the patient; the database asks for both. A new
 * login opens the record to the patient from the moment on that it is used.
 */
export async function handOutCode(
  actor: Actor,
  patientId: string,
  { documents, email }: DeskInput,
): Promise<Outcome<HandOutOutcome>> {
  const code = newActivationCode()
  const newId = randomUUID()
  const tokens = email === '' ? [] : await emailTokens(email)
  return withRecord(
    actor,
    {
      view: 'portal-access',
      action: 'UPDATE',
      patients: [patientId],
      fields: { Patient: identityFields },
      resourceType: 'RecordGrant',
      reason: `Identity proved by ${documents.join(', ')}`,
    },
    async (record): Promise<HandOutOutcome> => {
      const patient = await record.patient.findUnique({ where: { id: patientId }, select: identitySelect })
      if (!patient) return { kind: 'changed-meanwhile' }
      const hindrance = hindranceOf(actor, patient)
      if (hindrance === 'deceased' || patient.birthDate === null)
        return { kind: hindrance === 'deceased' ? hindrance : 'no-birth-date' }
      const known = await deskLogin(patientId)
      const accountId = known?.account_id ?? newId
      const takesAddress = known?.is_set_up !== true
      if (takesAddress && email === '') return { kind: 'email-needed' }
      const issued = await issueActivation(patientId, {
        accountId,
        ...activationProof(code, patient.birthDate),
        documents,
        emailSealed: takesAddress ? await sealAccountSecret('email', accountId, email) : null,
        emailTokens: takesAddress ? tokens : [],
        bearsName: bearsNameOf(actor, patient),
      })
      if (issued === 'no-such-login') return { kind: 'changed-meanwhile' }
      if (issued === 'taken' || issued === 'own-record') return { kind: issued }
      if (issued === 'issued')
        await record.recordGrant.create({
          data: { patientId, accountId, kind: 'self', parts: [...parts], startsAt: now() },
          select: { id: true },
        })
      return { kind: 'handed-out', code, again: issued === 'again' }
    },
  )
}
