import 'server-only'

import { canonicalJson } from '#lib/crypto/canonical-json.ts'
import type { SealedLog } from './sealed-log.ts'

/** Texts of a row's columns in the order of its log; NULL stays null. */
export type RowTexts = readonly (string | null)[]

/** Spellings of JSON that were seen lately: a view's list of fields comes with every row of the view. */
const known = new Map<string, string>()
const knownMax = 5000

/**
 * Which list of columns a row is hashed by. 2: all of them. 1: those that there were before writers vouched for their rows, for
 * every row that nobody vouched for; what was sealed by it is checked by it for ever. The row itself decides, so that taking
 * the writer's words away from a row changes its leaf. A new column of a log needs a further format.
 */
export type LeafFormat = 1 | 2

/** The format of a row. */
export function leafFormatOf(log: SealedLog, row: RowTexts): LeafFormat {
  for (const at of attestedAt(log)) if (row[at] != null) return 2
  return 1
}

const attestedByLog = new Map<SealedLog, readonly number[]>()

/** Places of the columns in which a writer vouches for its row. */
function attestedAt(log: SealedLog): readonly number[] {
  const known = attestedByLog.get(log)
  if (known) return known
  const places = log.columns.flatMap(({ attests }, at) => (attests ? [at] : []))
  attestedByLog.set(log, places)
  return places
}

/**
 * What a row of a log is hashed as: one JSON object in canonical spelling (RFC 8785) of the format's number, the log's name
 * and every column, read back from the database. Numbers and times are texts, so that no reader can round them.
 */
export function leafData(log: SealedLog, row: RowTexts, format = leafFormatOf(log, row)): string {
  const heads = headsOf(log, format)
  let text = ''
  for (let at = 0; at < heads.length; at += 1) {
    const head = heads[at]
    const column = log.columns[at]
    if (head === undefined || !column) continue
    const value = row[at] ?? null
    text += head
    if (value === null) text += 'null'
    else if (column.json) text += canonicalText(value)
    else text += quoted(column.time ? utcText(value) : value)
  }
  return `${text}}`
}

const headsByLog = new Map<SealedLog, Partial<Record<LeafFormat, readonly (string | undefined)[]>>>()

/** What stands before the value of each column; undefined for one that this format leaves out. Made once: it is the same for every row. */
function headsOf(log: SealedLog, format: LeafFormat): readonly (string | undefined)[] {
  const known = headsByLog.get(log) ?? {}
  if (!headsByLog.has(log)) headsByLog.set(log, known)
  return (known[format] ??= makeHeads(log, format))
}

function makeHeads(log: SealedLog, format: LeafFormat): (string | undefined)[] {
  let before = '{'
  let placed = false
  return log.columns.map(({ name, attests }) => {
    if (format === 1 && attests) return undefined
    let head = before
    before = ','
    // `format` and `log` take their places in the order of the names.
    if (!placed && name > 'format') {
      head += `"format":"${format}",`
      placed = true
    }
    if (name === 'log_id') head += `"log":"${log.table}",`
    return `${head}"${name}":`
  })
}

/** A text as JSON. Nearly all of them are ids and names that need no escaping, and asking JSON.stringify takes longer than the hash. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}
const plain = /^[ !#-[\]-~]*$/

/** `2026-03-03 07:14:05.12+00`, as PostgreSQL prints it in UTC, as RFC 3339 to the microsecond. */
export function utcText(text: string): string {
  if (!pattern.test(text)) throw new Error('a time of the trail is not in UTC')
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(6, '0')}Z`
}
const pattern = /^[0-9-]{10} [0-9:]{8}(?:[.][0-9]{1,6})?[+]00$/

/** JSON as PostgreSQL prints it in canonical spelling. */
export function canonicalText(json: string): string {
  const before = known.get(json)
  if (before !== undefined) return before
  const canonical = canonicalJson(JSON.parse(json))
  if (known.size >= knownMax) known.clear()
  known.set(json, canonical)
  return canonical
}
