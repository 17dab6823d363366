import { CryptoError } from './crypto-error.ts'

/*
 * Two spellings of one thing should give one token. Each rule carries its version in its name: a rule
 * is never changed once tokens exist, a new one is added and the index is rebuilt.
 * Every rule returns null when nothing is left to look for; then there is no token.
 */

/** Letters that Unicode does not decompose and that people type without their stroke or ligature. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ħ: 'h', ς: 'σ',
} // prettier-ignore

/*
 * Marks that are spelling, not letters: accents of the shared (inherited) script and the vowel points of
 * Hebrew. Vowel signs of Indic scripts and the voicing marks of kana (U+3099, U+309A) tell names apart and stay.
 */
const accents = /[[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}]]--[\u3099\u309a]]/gv

function foldName(text: string): string | null {
  const folded = text
    .normalize('NFKD')
    .toLowerCase()
    // toLowerCase can bring out marks of its own (İ becomes i with a dot above).
    .normalize('NFKD')
    .replace(accents, '')
    .replace(/[ßæœøłđðþıħς]/g, (letter) => plainLetters[letter] ?? letter)
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '')
  return folded === '' ? null : folded
}

function foldPhone(text: string): string | null {
  const number = text.normalize('NFKC').replace(/(?:ext\.?|x|#).*$/i, '')
  const international = /^\s*(?:\+|00)/.test(number)
  const digits = number.replace(/\D/g, '').replace(/^00/, '')
  if (digits === '') return null
  // North American numbers are written with and without the country code.
  if (!international && digits.length === 10) return `+1${digits}`
  return `+${digits}`
}

function foldEmail(text: string): string | null {
  const folded = text.normalize('NFKC').trim().toLowerCase()
  return folded === '' ? null : folded
}

function foldRecordNumber(text: string): string | null {
  const folded = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  return folded === '' ? null : folded
}

function foldExact(text: string): string | null {
  return text === '' ? null : text
}

export const normalisations = {
  'name-1': foldName,
  'phone-1': foldPhone,
  'email-1': foldEmail,
  'mrn-1': foldRecordNumber,
  'exact-1': foldExact,
} as const satisfies Record<string, (text: string) => string | null>

export type Normalisation = keyof typeof normalisations

/**
 * A value as the index sees it, or null when nothing is left of it.
 * @throws CryptoError VALUE for text that UTF-8 cannot carry
 */
export function normalise(rule: Normalisation, text: string): string | null {
  if (!text.isWellFormed()) throw new CryptoError('VALUE', rule, 'well-formed text is expected')
  return normalisations[rule](text)
}

/**
 * The parts of a name that can be searched for one by one, normalised, each once:
 * `Ana-María O'Brien` gives `ana`, `maria`, `obrien`.
 */
export function nameParts(name: string): string[] {
  const parts = name.split(/[\s\p{Pd},./]+/u).map((part) => normalise('name-1', part))
  return [...new Set(parts.filter((part) => part !== null))]
}

/**
 * Birth date and family name as one searchable value. A birth date alone has too few values to be
 * indexed safely; together with the name an equal token says little.
 * @param birthDate `YYYY-MM-DD`
 */
export function birthDateWithFamily(birthDate: string, family: string): string | null {
  const name = normalise('name-1', family)
  return name === null || birthDate === '' ? null : `${birthDate}|${name}`
}
