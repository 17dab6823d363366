import 'server-only'

import { trailPresets } from './input.ts'
import type { TrailFormView, TrailProblem } from './view.ts'

/** The typed word for each field of the form, in the order in which a query is written out. */
const words = {
  familyName: 'family', givenName: 'given', birthDate: 'born', mrn: 'mrn', actor: 'who', role: 'role', action: 'action', view: 'part',
  field: 'field', outcome: 'outcome', purpose: 'purpose', emergency: 'emergency', unexplained: 'unexplained', address: 'address',
  session: 'session', request: 'request', period: 'last', from: 'from', to: 'to', zone: 'zone',
} as const satisfies Record<keyof TrailFormView, string> // prettier-ignore

/** Fields whose value may be excluded by a minus in front of the word. */
const excludable = new Set<string>(['who', 'role', 'action', 'part', 'outcome', 'purpose'])
const uppercase = new Set<string>(['action', 'outcome', 'purpose'])

type Person = { accountId: string; name: string }

/**
 * A search as one line that can be typed, kept and read: `family:Reyes given:Maria who:"Nadia Osei" -outcome:ALLOWED last:7d`.
 * parseQuery reads it back into the same form.
 */
export function formatQuery(form: TrailFormView, people: readonly Person[]): string {
  const written = Object.entries(words).flatMap(([name, word]) => {
    const value = form[name as keyof TrailFormView]
    if (value === '' || (form.period !== '' && (word === 'from' || word === 'to'))) return []
    const isExcluded = excludable.has(word) && value.startsWith('-')
    const plain = isExcluded ? value.slice(1) : value
    return [`${isExcluded ? '-' : ''}${word}:${quoted(word === 'who' ? personWord(plain, people) : plain)}`]
  })
  return written.join(' ')
}

/**
 * Reads a typed query into the fields of the form. Words that are unknown, doubled or not understood are named, one problem each;
 * what the values must be is the form's own business (parseTrailForm).
 */
export function parseQuery(
  text: string,
  people: readonly Person[],
): { raw: Record<string, string>; problems: TrailProblem[] } {
  const raw: Record<string, string> = {}
  const problems: TrailProblem[] = []
  const refuse = (message: string): void => void problems.push({ field: 'query', message })
  const names = new Map(Object.entries(words).map(([name, word]) => [word as string, name]))
  for (const { word, value, isExcluded, source } of terms(text)) {
    const name = names.get(word)
    if (name === undefined || value === '')
      refuse(`“${source}” is not understood. Write a word, a colon and a value`)
    else if (raw[name] !== undefined) refuse(`“${word}” stands twice`)
    else if (isExcluded && !excludable.has(word)) refuse(`“${word}” cannot be excluded`)
    else {
      const found = valueOf(word, value, people)
      if (found === null) refuse(`“${source}”: ${unknownValue(word)}`)
      else raw[name] = (isExcluded ? '-' : '') + found
    }
  }
  return { raw, problems }
}

type Term = { word: string; value: string; isExcluded: boolean; source: string }

function terms(text: string): Term[] {
  return [...text.slice(0, 2000).matchAll(/(-?)([a-z]+):(?:"((?:[^"\\]|\\.)*)"|(\S*))|\S+/gi)].map(
    (match) => ({
      source: match[0],
      isExcluded: match[1] === '-',
      word: (match[2] ?? '').toLowerCase(),
      value: (match[3]?.replaceAll(/\\(.)/g, '$1') ?? match[4] ?? '').trim(),
    }),
  )
}

const quoted = (value: string): string =>
  /^[^\s"\\]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`

/** A person's name where it names one person alone, and the number of the account where two share it. */
function personWord(accountId: string, people: readonly Person[]): string {
  const name = people.find((person) => person.accountId === accountId)?.name
  return name === undefined || people.filter((person) => person.name === name).length > 1 ? accountId : name
}

function valueOf(word: string, value: string, people: readonly Person[]): string | null {
  if (word === 'who') {
    const found = people.filter(
      (person) => person.name.toLowerCase() === value.toLowerCase() || person.accountId === value,
    )
    if (found.length === 0) return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? value : null
    return found.length === 1 ? (found[0]?.accountId ?? null) : null
  }
  if (word === 'last') return value in trailPresets ? value : null
  if (word === 'emergency' || word === 'unexplained') return value.toLowerCase() === 'yes' ? 'yes' : null
  return uppercase.has(word) ? value.toUpperCase() : value
}

function unknownValue(word: string): string {
  if (word === 'who') return 'no member of staff, or more than one, has this name'
  if (word === 'last') return `one of ${Object.keys(trailPresets).join(', ')} is meant`
  return 'only “yes” is meant'
}
