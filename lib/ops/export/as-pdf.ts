import 'server-only'
import { once } from 'node:events'
import { utcText, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { clinic } from '#lib/clinic.ts'
import { formatAuditTimestamp, plural } from '#lib/format.ts'
import { actionNames, purposeInWords, refusalInWords } from '#lib/oversight/trail/words.ts'
import { finishPdf } from '#lib/pdf/finish-pdf.ts'
import { openPdf } from '#lib/pdf/open-pdf.ts'
import { writeFacts } from '#lib/pdf/write-facts.ts'
import { writeHeading } from '#lib/pdf/write-heading.ts'
import { writeParagraph } from '#lib/pdf/write-paragraph.ts'
import { writeTable } from '#lib/pdf/write-table.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import { entryOf, fieldsInWords, type Entry } from './entry-of.ts'
import type { ExportPlan } from './export-plan.ts'
import type { People } from './people.ts'

/** How far the trail was sealed when the report was made: whoever keeps the report can hold a later tree against it. */
export type SealedThrough = { readonly size: number; readonly root: string }

/** A report for reading and printing: tagged, letter size, with the name of who asked for it on every page. */
export async function* asPdf(
  pages: AsyncIterable<readonly RowTexts[]>,
  plan: ExportPlan,
  people: People,
  sealed: SealedThrough | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  const pdf = openPdf({
    title: 'Export of the audit trail',
    createdAt: plan.requestedAt,
    footer: `Made for ${plan.requesterName} · ${plan.exportId}`,
    layout: 'landscape',
  })
  const writing = (async () => {
    writeHeading(pdf, 1, 'Export of the audit trail')
    writeParagraph(
      pdf,
      'Who opened or changed which records. Patients appear under a reference, not by name; fields are named, never quoted.',
    )
    writeFacts(pdf, factsOf(plan, sealed))
    const { count, rows } = counted(pages, people)
    await writeTable(pdf, {
      caption: `Entries, oldest first, times in ${clinic.timeZone}`,
      columns: [
        { heading: 'Time', share: 20 },
        { heading: 'Person', share: 20 },
        { heading: 'Patient', share: 13 },
        { heading: 'What', share: 33 },
        { heading: 'Outcome', share: 22 },
      ],
      rows,
    })
    writeParagraph(pdf, `${plural(count(), 'entry', 'entries')}.`)
    finishPdf(pdf)
  })()
  // A fault in the writing must end the reading of what was written.
  writing.catch((error: unknown) => pdf.output.destroy(error instanceof Error ? error : undefined))
  for await (const part of pdf.output) yield Buffer.from(part as Uint8Array)
  await writing
  if (!pdf.output.closed) await once(pdf.output, 'close')
}

const factsOf = (plan: ExportPlan, sealed: SealedThrough | undefined) => [
  { label: 'Clinic', value: clinic.name },
  { label: 'Made for', value: plan.requesterName },
  { label: 'Asked for', value: formatAuditTimestamp(plan.requestedAt.toISOString()) },
  { label: 'From', value: instant(plan.criteria['from']) },
  { label: 'Until, not included', value: instant(plan.criteria['to']) },
  {
    label: 'Sealed',
    value:
      sealed === undefined
        ? 'The trail has no seal yet.'
        : `Through leaf ${sealed.size}, root ${sealed.root}`,
  },
]

const instant = (value: unknown): string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value))
    ? formatAuditTimestamp(new Date(value).toISOString())
    : ''

function counted(pages: AsyncIterable<readonly RowTexts[]>, people: People) {
  let count = 0
  const rows = async function* (): AsyncGenerator<readonly string[], void, undefined> {
    for await (const page of pages) {
      const entries = page.map(entryOf)
      const references = await patientReferences(entries.map((entry) => entry.patient_id ?? ''))
      for (const entry of entries) {
        count += 1
        yield cellsOf(entry, people, references.get(entry.patient_id ?? '') ?? '')
      }
    }
  }
  return { count: () => count, rows: rows() }
}

const cellsOf = (entry: Entry, people: People, reference: string): string[] => {
  const person = people.of(entry.actor_user_id, entry.actor_role)
  const fields = fieldsInWords(entry.changed_fields)
  const what = `${actionNames[entry.action_type ?? ''] ?? entry.action_type}: ${entry.view}`
  return [
    formatAuditTimestamp(utcText(entry.accessed_at ?? '')),
    [person.name, person.title].filter((text) => text !== '').join(', '),
    reference,
    fields === '' ? what : `${what} (${fields})`,
    outcomeOf(entry),
  ]
}

const outcomeOf = (entry: Entry): string => {
  if (entry.outcome === 'DENIED')
    return `Refused: ${refusalInWords(entry.reason) ?? 'no reason written down'}`
  const done = entry.outcome === 'EFFECT' ? 'Done' : 'Allowed'
  const purpose = purposeInWords(entry.purpose)
  return [done, purpose, entry.break_glass_id === null ? null : 'emergency access']
    .filter((text) => text !== null)
    .join(', ')
}
