import { notFound } from 'next/navigation'
import { countSentence } from '#components/my-record/count-sentence.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { exportWhoLooked } from '#lib/records/my-record/export-who-looked.ts'
import { whoLookedCsv, whoLookedPdf } from '#lib/records/my-record/write-who-looked.ts'
import { attachment } from '../../attachment.ts'
import { openRecord, shown } from '../../open-record.ts'
import { readFilter } from '../filter.ts'

/** The list of who looked as a file to keep; taking it along is itself written down first. */
export async function GET(request: Request): Promise<Response> {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const query = Object.fromEntries(new URL(request.url).searchParams)
  const filter = readFilter(query)
  if (query['format'] !== 'pdf' && query['format'] !== 'csv') notFound()
  const listed = shown(await exportWhoLooked(actor, record.patientId, filter))
  if (query['format'] === 'csv')
    return attachment(whoLookedCsv(listed), 'text/csv; charset=utf-8', 'who-looked.csv')
  const sentence = countSentence(listed.count, filter.period, record.kind === 'self')
  return attachment(await whoLookedPdf(listed, sentence), 'application/pdf', 'who-looked.pdf')
}
