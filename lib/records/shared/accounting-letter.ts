import 'server-only'

import { buffer } from 'node:stream/consumers'
import { clinic } from '#lib/clinic.ts'
import { formatDateForPatient, plural } from '#lib/format.ts'
import { finishPdf } from '#lib/pdf/finish-pdf.ts'
import { openPdf } from '#lib/pdf/open-pdf.ts'
import { writeFacts } from '#lib/pdf/write-facts.ts'
import { writeHeading } from '#lib/pdf/write-heading.ts'
import { writeList } from '#lib/pdf/write-list.ts'
import { writeParagraph } from '#lib/pdf/write-paragraph.ts'
import { writeTable } from '#lib/pdf/write-table.ts'
import { basisInWords } from './disclosure-basis.ts'
import type { DisclosureRow } from './view.ts'

export type AccountingLetter = {
  /** name and address, a line each; the name alone where no address is known */
  addressee: string
  /** whose disclosures: name, and birth date where it is known */
  patient: string
  /** days of the clinic's calendar, both included: `YYYY-MM-DD` */
  from: string
  to: string
  /** the ledger as it stood then */
  asOf: Date
  /** when the letter is written */
  writtenAt: Date
  disclosures: readonly DisclosureRow[]
}

/**
 * The accounting of disclosures of a period as a letter (45 CFR 164.528(b)): the date of each, who received it and where, what
 * it was, and why. A tagged PDF of US Letter size; nothing of it stands in the file's metadata.
 */
export async function writeAccountingLetter(letter: AccountingLetter): Promise<Buffer> {
  const { disclosures } = letter
  const pdf = openPdf({
    title: 'Accounting of disclosures',
    createdAt: letter.writtenAt,
    footer: `${clinic.name} · ${clinic.phone}`,
  })
  const bytes = buffer(pdf.output)
  writeParagraph(pdf, `${clinic.name}\n${clinic.phone}`, 'small')
  writeParagraph(pdf, letter.addressee)
  writeParagraph(pdf, day(letter.writtenAt))
  writeHeading(pdf, 1, 'Accounting of disclosures')
  writeFacts(pdf, [
    { label: 'Patient', value: letter.patient },
    {
      label: 'Period',
      value: `${formatDateForPatient(letter.from)} to ${formatDateForPatient(letter.to)}, both days included`,
    },
    { label: 'As of', value: day(letter.asOf) },
  ])
  writeParagraph(pdf, summary(disclosures.length))
  if (disclosures.length > 0)
    await writeTable(pdf, {
      caption: 'To whom we gave health information',
      columns: [
        { heading: 'Date', share: 3 },
        { heading: 'Who received it', share: 5 },
        { heading: 'What', share: 5 },
        { heading: 'Why', share: 5 },
      ],
      rows: disclosures.map((row) => [dates(row), recipient(row), row.what, why(row)]),
    })
  writeHeading(pdf, 2, 'What is not listed')
  writeParagraph(pdf, 'Federal law does not ask for these to be listed:')
  writeList(pdf, [
    'What was given out for your treatment, for payment, and to run the clinic.',
    'What you received yourself, or agreed to in writing.',
    'What an agency has asked us in writing not to tell for a time.',
    'What was given out more than six years ago.',
  ])
  writeParagraph(
    pdf,
    `Who opened your record inside the clinic is a list of its own: sign in and open “Who looked”. You have questions? Call ${clinic.phone} and ask for the privacy officer.`,
  )
  finishPdf(pdf)
  return bytes
}

function summary(count: number): string {
  if (count === 0) return 'We gave out nothing in this period that has to be listed here.'
  return `In this period we gave out health information ${count === 1 ? 'once' : `${count} times`} in a way that has to be listed here. ${plural(count, 'entry', 'entries')} below.`
}

function dates({ disclosedAt, lastDisclosedAt, times }: DisclosureRow): string {
  const first = formatDateForPatient(disclosedAt)
  return lastDisclosedAt === null
    ? first
    : `${first} to ${formatDateForPatient(lastDisclosedAt)}, ${times} times`
}

function recipient({ recipientName, recipientAddress }: DisclosureRow): string {
  return recipientAddress === null ? recipientName : `${recipientName}\n${recipientAddress}`
}

function why({ basis, purpose }: DisclosureRow): string {
  return `${basisInWords(basis)}. ${purpose}`
}

function day(instant: Date): string {
  return formatDateForPatient(instant.toISOString())
}
