import type { Part } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { RecordCast } from './record-cast.ts'

export const allParts: readonly Part[] = ['results', 'summary', 'notes', 'billing', 'access-log']

/** Signs a new person in who may open these records: their own as a patient, or parts of others' as a proxy. */
export async function signInToPortal(
  records: RecordCast,
  role: 'patient' | 'proxy',
  patients: readonly string[],
  parts: readonly Part[] = allParts,
): Promise<Actor> {
  const actor = records.actorOf(await records.cast.signIn(role))
  if (patients.length > 0)
    await records.change(patients, async (record) => {
      for (const patientId of patients)
        await record.recordGrant.create({
          data: {
            patientId,
            accountId: actor.accountId,
            kind: role === 'patient' ? 'self' : 'proxy',
            parts: [...parts],
            startsAt: new Date(Date.now() - 60_000),
          },
          select: { id: true },
        })
    })
  return actor
}
