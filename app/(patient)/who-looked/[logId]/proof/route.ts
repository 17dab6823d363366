import { requireActor } from '#lib/auth/require-actor.ts'
import { proveAccess } from '#lib/records/my-record/prove-access.ts'
import { attachment } from '../../../attachment.ts'
import { openRecord, shown } from '../../../open-record.ts'
import { requireRecordId } from '../../../record-id.ts'

type Context = { params: Promise<{ logId: string }> }

/** The evidence of one entry, for the stand-alone verifier. */
export async function GET(_: Request, { params }: Context): Promise<Response> {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const evidence = shown(await proveAccess(actor, record.patientId, requireRecordId((await params).logId)))
  return attachment(evidence, 'application/json', 'evidence.json')
}
