import { env } from '#lib/env.ts'
import { carryOutShredding } from '#lib/phi/shred/carry-out-shredding.ts'
import { askForShredding, confirmShredding } from '#lib/phi/shred/shred-request.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { RecordCast } from './record-cast.ts'

/** Destroys a patient's record as the product does: one person asks, another confirms, the job carries it out. */
export async function shredRecord(records: RecordCast, patientId: string): Promise<void> {
  const person = async (role: 'admin' | 'compliance') => records.actorOf(await records.cast.signIn(role))
  const asked = await askForShredding(await person('admin'), patientId, 'Asked for by the patient, in a test')
  if ('refusal' in asked) throw new Error(asked.refusal)
  const refusal = await confirmShredding(await person('compliance'), asked.requestId)
  if (refusal !== null) throw new Error(refusal)
  const done = await asService('key-shredding', (job) => carryOutShredding(job, env, asked.requestId))
  if ('refusal' in done) throw new Error(done.refusal)
}
