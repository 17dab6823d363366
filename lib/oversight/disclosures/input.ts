import { z } from 'zod'
import { disclosureBases, type DisclosureBasis } from '#lib/records/shared/disclosure-basis.ts'

const day = z.iso.date('Enter a day, such as 2026-03-31')
const optionalText = (most: number) =>
  z
    .string()
    .trim()
    .max(most, `At most ${most} characters`)
    .transform((text) => (text === '' ? null : text))
const bases = Object.keys(disclosureBases) as [DisclosureBasis, ...DisclosureBasis[]]

const told = z.object({
  /** Made when the form was drawn; becomes the row's id. */
  key: z.uuid(),
  date: day,
  /** the last one, where the row sums up several */
  lastDate: z.union([z.literal('').transform(() => null), day]),
  times: z.union([
    z.literal('').transform(() => null),
    z.coerce.number('Enter how often').int().min(2, 'Leave it empty for a single disclosure').max(100_000),
  ]),
  basis: z.enum(bases, 'Choose why it was given out'),
  recipientName: z.string().trim().min(1, 'Say who received it').max(200, 'At most 200 characters'),
  recipientAddress: optionalText(400),
  what: z.string().trim().min(3, 'Say briefly what was given').max(1000, 'At most 1,000 characters'),
  purpose: z
    .string()
    .trim()
    .min(3, 'Say why, so that the patient understands it')
    .max(1000, 'At most 1,000 characters'),
})

type Dates = { date: string; lastDate: string | null; times: number | null }
const complete = ({ lastDate, times }: Dates) => (lastDate === null) === (times === null)
const inOrder = ({ date, lastDate }: Dates) => lastDate === null || lastDate > date
const both = { path: ['times'], message: 'Give both the last day and how often, or neither' }
const after = { path: ['lastDate'], message: 'The last day is not after the first' }

/** A disclosure for the ledger (164.528(b)(2)), or several to the same recipient for one purpose (b)(3). */
export const disclosureInput = told.refine(complete, both).refine(inOrder, after)
export type DisclosureInput = z.infer<typeof disclosureInput>

/** A row that takes the place of another one, with the reason. */
export const correctionInput = told
  .extend({
    reason: z.string().trim().min(3, 'Say what was wrong').max(500, 'At most 500 characters'),
    withdrawn: z
      .literal('yes')
      .optional()
      .transform((text) => text === 'yes'),
  })
  .refine(complete, both)
  .refine(inOrder, after)
export type CorrectionInput = z.infer<typeof correctionInput>

/** That an agency asked for silence. */
export const suspensionInput = z.object({
  key: z.uuid(),
  authority: z.string().trim().min(3, 'Say which agency and who').max(300, 'At most 300 characters'),
  statement: z.string().trim().min(3, 'Say what was stated').max(1000, 'At most 1,000 characters'),
  form: z.enum(['written', 'oral'], 'Choose how it was stated'),
  until: day,
})
export type SuspensionInput = z.infer<typeof suspensionInput>

export const extensionInput = z.object({
  reason: z
    .string()
    .trim()
    .min(10, 'Tell the patient why it takes longer')
    .max(500, 'At most 500 characters'),
})

/** Where the letter goes. The address is written onto the letter and kept nowhere. */
export const letterInput = z.object({
  addressee: z.string().trim().min(2, 'Enter name and address').max(500, 'At most 500 characters'),
  from: day,
  to: day,
})
export type LetterInput = z.infer<typeof letterInput>

/** By what a patient is looked for. */
export const finderInput = z.object({
  familyName: z.string().trim().max(200),
  givenName: z.string().trim().max(200),
  birthDate: z.union([z.literal(''), day]),
  mrn: z.string().trim().max(100),
})
