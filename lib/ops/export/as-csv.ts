import 'server-only'
import { utcText, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { csvCell } from '#lib/csv-cell.ts'
import { formatAuditTimestamp } from '#lib/format.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import { entryOf, fieldsInWords } from './entry-of.ts'
import type { ExportPlan } from './export-plan.ts'
import type { People } from './people.ts'

const heading = [
  'time_utc', 'time_clinic', 'person', 'title', 'role', 'patient', 'action', 'view', 'fields', 'outcome', 'reason', 'purpose', 'relation',
  'break_glass', 'address', 'session', 'request', 'entry', 'sequence', 'exported_for', 'export',
] // prettier-ignore

/** A line for each entry, for spreadsheets; every line says for whom it was exported. */
export async function* asCsv(
  pages: AsyncIterable<readonly RowTexts[]>,
  plan: ExportPlan,
  people: People,
): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.from(`${plan.byteOrderMark ? '\uFEFF' : ''}${heading.map(csvCell).join(',')}\r\n`)
  for await (const page of pages) {
    const entries = page.map(entryOf)
    const references = await patientReferences(entries.map((entry) => entry.patient_id ?? ''))
    yield Buffer.from(
      entries
        .map((entry) => {
          const person = people.of(entry.actor_user_id, entry.actor_role)
          const utc = utcText(entry.accessed_at ?? '')
          const cells = [
            utc, formatAuditTimestamp(utc), person.name, person.title, entry.actor_role, references.get(entry.patient_id ?? ''),
            entry.action_type, entry.view, fieldsInWords(entry.changed_fields), entry.outcome, entry.reason, entry.purpose, entry.relation,
            entry.break_glass_id, entry.client_ip, entry.session_id, entry.request_id, entry.log_id, entry.seq, plan.requesterName, plan.exportId,
          ] // prettier-ignore
          return `${cells.map((cell) => csvCell(cell ?? '')).join(',')}\r\n`
        })
        .join(''),
    )
  }
}
