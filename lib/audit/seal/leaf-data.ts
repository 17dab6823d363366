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
  return log.columns.some(({ attests }, at) => attests && row[at] != null) ? 2 : 1
}

/**
 * What a row of a log is hashed as: one JSON object in canonical spelling (RFC 8785) of the format's number, the log's name
 * and every column, read back from the database. Numbers and times are texts, so that no reader can round them.
 */
export function leafData(log: SealedLog, row: RowTexts, format = leafFormatOf(log, row)): string {
  let text = '{'
  let placed = false
  for (let at = 0; at < log.columns.length; at += 1) {
    const column = log.columns[at]
    if (!column || (format === 1 && column.attests)) continue
    // `format` and `log` take their places in the order of the names.
    if (!placed && column.name > 'format') {
      text += `"format":"${format}",`
      placed = true
    }
    if (column.name === 'log_id') text += `"log":"${log.table}",`
    const value = row[at] ?? null
    text += `"${column.name}":`
    text +=
      value === null
        ? 'null'
        : column.json
          ? canonicalText(value)
          : JSON.stringify(column.time ? utcText(value) : value)
    text += ','
  }
  return `${text.slice(0, -1)}}`
}

/** `2026-03-03 07:14:05.12+00`, as PostgreSQL prints it in UTC, as RFC 3339 to the microsecond. */
export function utcText(text: string): string {
  const [, date, time, fraction = ''] = pattern.exec(text) ?? []
  if (date === undefined || time === undefined) throw new Error('a time of the trail is not in UTC')
  return `${date}T${time}.${fraction.padEnd(6, '0')}Z`
}
const pattern = /^([0-9-]{10}) ([0-9:]{8})(?:[.]([0-9]{1,6}))?[+]00$/

/** JSON as PostgreSQL prints it in canonical spelling. */
export function canonicalText(json: string): string {
  const before = known.get(json)
  if (before !== undefined) return before
  const canonical = canonicalJson(JSON.parse(json))
  if (known.size >= knownMax) known.clear()
  known.set(json, canonical)
  return canonical
}
