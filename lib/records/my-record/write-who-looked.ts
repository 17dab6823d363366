import 'server-only'

import { buffer } from 'node:stream/consumers'
import { clinic } from '#lib/clinic.ts'
import { csvCell } from '#lib/csv-cell.ts'
import { formatAuditTimestamp, formatDateTimeForPatient, formatZoneName } from '#lib/format.ts'
import { finishPdf } from '#lib/pdf/finish-pdf.ts'
import { openPdf } from '#lib/pdf/open-pdf.ts'
import { writeFacts } from '#lib/pdf/write-facts.ts'
import { writeHeading } from '#lib/pdf/write-heading.ts'
import { writeList } from '#lib/pdf/write-list.ts'
import { writeParagraph } from '#lib/pdf/write-paragraph.ts'
import { writeTable } from '#lib/pdf/write-table.ts'
import type { WhoLookedExport } from './export-who-looked.ts'
import { notListed } from './not-listed.ts'
import type { AccessView } from './view.ts'

/** The list as a table for spreadsheets: local time with its offset, and UTC. Begins with a byte order mark, else Excel garbles names. */
export function whoLookedCsv({ accesses }: WhoLookedExport): string {
  const heading = ['Time', 'Time UTC', 'Who', 'Job', 'What', 'Why', 'Emergency', 'Refused', 'Entry']
  const rows = accesses.map((access) => [
    formatAuditTimestamp(at(access)),
    at(access),
    access.name,
    access.role ?? '',
    access.what,
    access.why,
    access.emergency ? 'yes' : 'no',
    access.refused ? 'yes' : 'no',
    access.id,
  ])
  return `\uFEFF${[heading, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')}`
}

/** The list as a tagged PDF to print or keep. @param sentence what the page says above the list */
export async function whoLookedPdf(listed: WhoLookedExport, sentence: string): Promise<Buffer> {
  const madeAt = listed.madeAt.toISOString()
  const pdf = openPdf({
    title: 'Who looked at a record',
    createdAt: listed.madeAt,
    footer: `${clinic.name} · ${clinic.phone}`,
  })
  const bytes = buffer(pdf.output)
  writeHeading(pdf, 1, 'Who looked at this record')
  writeFacts(pdf, [
    { label: 'Patient', value: listed.name ?? 'A record that was destroyed' },
    { label: 'Made', value: formatDateTimeForPatient(madeAt) },
    { label: 'Times', value: formatZoneName(madeAt) },
  ])
  writeParagraph(pdf, sentence)
  if (!listed.isComplete)
    writeParagraph(pdf, 'This is not all: choose a shorter time for the rest.', 'strong')
  if (listed.accesses.length > 0)
    await writeTable(pdf, {
      caption: 'Newest first',
      columns: [
        { heading: 'When', share: 4 },
        { heading: 'Who', share: 4 },
        { heading: 'What', share: 6 },
        { heading: 'Why', share: 6 },
      ],
      rows: listed.accesses.map((access) => [
        formatDateTimeForPatient(at(access)),
        [access.name, access.role].filter(Boolean).join(', '),
        marked(access),
        access.why,
      ]),
    })
  writeHeading(pdf, 2, 'What is not listed here')
  writeList(pdf, notListed)
  finishPdf(pdf)
  return bytes
}

function marked({ what, emergency, refused }: AccessView): string {
  return `${emergency ? 'EMERGENCY ACCESS. ' : ''}${refused ? 'REFUSED. ' : ''}${what}.`
}

function at({ times, id }: AccessView): string {
  const [first] = times
  if (first === undefined) throw new Error(`the entry ${id} has no time`)
  return first
}
