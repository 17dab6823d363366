import 'server-only'

import { buffer } from 'node:stream/consumers'
import { clinic } from '#lib/clinic.ts'
import { env } from '#lib/env.ts'
import { formatDateForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { finishPdf } from '#lib/pdf/finish-pdf.ts'
import { openPdf } from '#lib/pdf/open-pdf.ts'
import { writeFacts } from '#lib/pdf/write-facts.ts'
import { writeHeading } from '#lib/pdf/write-heading.ts'
import { writeList } from '#lib/pdf/write-list.ts'
import { writeParagraph } from '#lib/pdf/write-paragraph.ts'

export type ActivationLetter = {
  name: string
  /** a line each; none where no address is known */
  address: readonly string[]
  code: string
  expiresAt: Date
  writtenAt: Date
}

/** The letter that a patient takes home: the code, where to type it, how long it is good, and what to do if it is lost. */
export async function writeActivationLetter(letter: ActivationLetter): Promise<Buffer> {
  const pdf = openPdf({
    title: 'Set up your portal login',
    createdAt: letter.writtenAt,
    footer: `${clinic.name} · ${clinic.phone}`,
  })
  const bytes = buffer(pdf.output)
  writeParagraph(pdf, [clinic.name, ...clinic.address, clinic.phone].join('\n'), 'small')
  writeParagraph(pdf, [letter.name, ...letter.address].join('\n'))
  writeParagraph(pdf, formatDateForPatient(letter.writtenAt.toISOString()))
  writeHeading(pdf, 1, 'Set up your portal login')
  writeParagraph(
    pdf,
    `With this code you set up your own login for the patient portal of ${clinic.name}. Keep this letter to yourself until you have used it.`,
  )
  writeFacts(pdf, [
    { label: 'Your code', value: letter.code },
    { label: 'Type it at', value: new URL(paths.activate, env.url).href },
    { label: 'Good until', value: formatDateForPatient(letter.expiresAt.toISOString()) },
  ])
  writeHeading(pdf, 2, 'What to do')
  writeList(pdf, [
    'Open the address above. Type the code and your birth date.',
    'Choose a password.',
    'Set up a second step: a passkey on your phone or computer, or an app for one-time codes.',
    'Save the ten recovery codes. They help you when you lose your phone.',
  ])
  writeHeading(pdf, 2, 'Good to know')
  writeList(pdf, [
    'The code works once. If you had a login before, everything it had stops working when you use this code.',
    'After five wrong birth dates the code stops working.',
    `You lost this letter, or the time ran out? Call us at ${clinic.phone} (${clinic.phoneHours}), or ask at your next visit. A new code makes this one worthless.`,
    'We never ask for this code on the telephone, by e-mail or by text message. Tell it to nobody.',
  ])
  finishPdf(pdf)
  return bytes
}
