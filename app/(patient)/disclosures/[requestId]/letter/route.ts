import { requireActor } from '#lib/auth/require-actor.ts'
import { downloadAccounting } from '#lib/records/my-record/download-accounting.ts'
import { attachment } from '../../../attachment.ts'
import { openRecord, shown } from '../../../open-record.ts'
import { requireRecordId } from '../../../record-id.ts'

type Context = { params: Promise<{ requestId: string }> }

/** The accounting that was given, as a letter. */
export async function GET(_: Request, { params }: Context): Promise<Response> {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const requestId = requireRecordId((await params).requestId)
  const letter = shown(await downloadAccounting(actor, record.patientId, requestId))
  return attachment(letter, 'application/pdf', 'accounting-of-disclosures.pdf')
}
