import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { coarsePlace } from './coarse-place.ts'
import { hasLink, letterWords } from './words.ts'

const kinds = [
  ...readFileSync(new URL('words.ts', import.meta.url), 'utf8').matchAll(/^ {2}'([a-z-]+)':/gm),
].map(([, kind]) => kind ?? '')
const facts = { isStaff: false, at: 'March 8, 2026, 8:30 a.m. CST', browser: 'Chrome on Mac', place: null }

test('no letter says anything of a record, shows a code, or asks for one', () => {
  expect(kinds.length).toBeGreaterThan(15)
  for (const kind of [...kinds, 'a-kind-of-tomorrow'])
    for (const isStaff of [true, false]) {
      const link = hasLink(kind) ? 'https://portal.example/mail-link/x/y' : null
      const { subject, text } = letterWords(kind, { ...facts, isStaff }, link)
      const all = `${subject}\n${text}`
      expect(all, kind).not.toMatch(
        /\b(patient|record|chart|result|test|diagnos|medic|doctor|nurse|appointment|visit|bill|condition|treat)/i,
      )
      expect(all, kind).not.toMatch(/<[a-z]|undefined|null/i)
      expect(text.includes('https://'), kind).toBe(hasLink(kind))
      expect(text, kind).toContain('We never ask for your password or for a code.')
      expect(subject.length, kind).toBeLessThan(90)
    }
})

test('a place is a network, never the whole address', () => {
  expect(coarsePlace('198.51.100.7')).toBe('an address that begins with 198.51.100')
  expect(coarsePlace('2001:db8:1:2:3:4:5:6')).toBe('an address that begins with 2001:db8:1')
  expect(coarsePlace('10.1.2.3/32')).toContain('private network')
  expect(coarsePlace('127.0.0.1')).toBe('this computer')
  for (const unknown of [null, '', 'localhost']) expect(coarsePlace(unknown)).toBeNull()
})
