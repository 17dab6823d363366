import 'server-only'
import { createHash } from 'node:crypto'
import { z } from 'zod'

import { Refused } from '#lib/errors.ts'
import { canonical, fromBase32, toBase32 } from './base32.ts'

/*
 * What a recovery sheet says: the sealed keyring and what opens it, in letters that a person can type from paper. A line holds
 * 25 bytes as eight groups of five, with its number before and a check of its own behind it, so that a misread line is named;
 * a digest at the end covers the whole. The same letters stand in QR codes.
 */
const sheet = z.strictObject({
  format: z.literal('vigil-recovery-1'),
  /** text of the keyring file */
  keyring: z.string().min(1).max(1_000_000),
  credential: z.strictObject({ kind: z.enum(['passphrase', 'file']), secret: z.string().min(1).max(10_000) }),
})
export type RecoverySheet = z.infer<typeof sheet>

export type SheetLine = {
  readonly number: number
  readonly groups: readonly string[]
  readonly check: string
}

const lineLength = 40
const groupLength = 5
const digestLength = 8
const codeLength = 800

/** The lines to print. */
export function sheetLines(of: Omit<RecoverySheet, 'format'>): SheetLine[] {
  const text = toBase32(bytesOf(of))
  return Array.from({ length: Math.ceil(text.length / lineLength) }, (_, at) => {
    const letters = text.slice(at * lineLength, (at + 1) * lineLength)
    const groups = Array.from({ length: Math.ceil(letters.length / groupLength) }, (_none, group) =>
      letters.slice(group * groupLength, (group + 1) * groupLength),
    )
    return { number: at + 1, groups, check: checkOf(at + 1, letters) }
  })
}

/** The texts of the QR codes; each says which one of how many it is. */
export function sheetCodes(of: Omit<RecoverySheet, 'format'>): string[] {
  const text = toBase32(bytesOf(of))
  const count = Math.ceil(text.length / codeLength)
  return Array.from(
    { length: count },
    (_, at) => `VIGIL-SHEET ${at + 1}/${count} ${text.slice(at * codeLength, (at + 1) * codeLength)}`,
  )
}

/** A line as it is printed. */
export const lineText = ({ number, groups, check }: SheetLine): string =>
  `${String(number).padStart(3, '0')}  ${groups.join(' ').padEnd(lineLength + lineLength / groupLength - 1)}  ${check}`

/**
 * Reads a sheet back: from its lines, typed or copied, in any order and among other text, or from what its QR codes say.
 * @throws Refused naming the line that is missing or was misread
 */
export function readSheet(text: string): RecoverySheet {
  const letters = readCodes(text) ?? readLines(text)
  const bytes = fromBase32(letters)
  if (!bytes || bytes.length <= digestLength) throw new Refused('This is not a recovery sheet of a keyring.')
  const [content, digest] = [bytes.subarray(0, -digestLength), bytes.subarray(-digestLength)]
  if (!digestOf(content).equals(digest))
    throw new Refused('The lines are right one by one and do not go together: some come from another sheet, or the last are missing.') // prettier-ignore
  try {
    return sheet.parse(JSON.parse(Buffer.from(content).toString('utf8')))
  } catch {
    throw new Refused('The sheet was made by another version of Vigil.')
  }
}

function readLines(text: string): string {
  const found = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [, digits, body, check] = /^\s*([0-9]{1,3})[.:]?\s+([0-9A-Za-z][0-9A-Za-z ]*?)\s+([0-9A-Za-z]{3})\s*$/.exec(line) ?? [] // prettier-ignore
    if (digits === undefined || body === undefined || check === undefined) continue
    const number = Number(digits)
    const letters = canonical(body)
    if (checkOf(number, letters) !== canonical(check))
      throw new Refused(
        `Line ${number} is not as it was printed: compare it with the sheet, letter by letter.`,
      )
    found.set(number, letters)
  }
  const last = Math.max(0, ...found.keys())
  for (let number = 1; number <= last; number += 1)
    if (!found.has(number)) throw new Refused(`Line ${number} of the sheet is missing.`)
  return Array.from({ length: last }, (_, at) => found.get(at + 1) ?? '').join('')
}

function readCodes(text: string): string | undefined {
  const codes = [...text.matchAll(/VIGIL-SHEET ([0-9]{1,3})\/([0-9]{1,3}) ([0-9A-Z]+)/g)]
  const count = Number(codes[0]?.[2] ?? 0)
  if (count === 0) return undefined
  return Array.from({ length: count }, (_, at) => {
    const code = codes.find((each) => Number(each[1]) === at + 1)
    if (code?.[3] === undefined) throw new Refused(`Code ${at + 1} of ${count} of the sheet is missing.`)
    return code[3]
  }).join('')
}

function bytesOf(of: Omit<RecoverySheet, 'format'>): Buffer {
  const content = Buffer.from(JSON.stringify({ format: 'vigil-recovery-1', ...of } satisfies RecoverySheet))
  return Buffer.concat([content, digestOf(content)])
}

const digestOf = (content: Uint8Array): Buffer =>
  createHash('sha256').update('vigil recovery sheet\n').update(content).digest().subarray(0, digestLength)

/** Three letters: one misread line in 32,768 goes unnoticed here, and then the digest of the whole finds it. */
function checkOf(number: number, letters: string): string {
  return toBase32(createHash('sha256').update(`line ${number}\n${letters}`).digest()).slice(0, 3)
}
