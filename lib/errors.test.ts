import { describe, expect, it } from 'vitest'
import { AuditUnavailable, KeysUnavailable, NotConfigured, RecordUnavailable, Refused } from './errors.ts'

const kinds = [AuditUnavailable, KeysUnavailable, RecordUnavailable, NotConfigured, Refused]

describe('an error that a person may meet', () => {
  it.each(kinds)('%o has a public text of its own and a reference that the page can show', (Kind) => {
    const error = new Kind('admit failed')
    expect(error.publicText).not.toContain('admit')
    expect(error.reference).toMatch(/^V-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(error.digest).toBe(error.reference)
    expect(error.name).toBe(Kind.name)
  })

  it('keeps class and code of its cause, never the cause’s text', () => {
    const cause = Object.assign(new Error('duplicate key value: Key (name)=(Maria Alvarez)'), {
      code: '23505',
    })
    const error = new RecordUnavailable('the insert failed', { cause })
    expect(error.causeName).toBe('Error 23505')
    expect(
      JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause }),
    ).not.toContain('Maria')
  })

  it('keeps the reference of the error it wraps, so that page and log agree', () => {
    const inner = new KeysUnavailable('no answer')
    expect(new RecordUnavailable('cannot decrypt', { cause: inner }).reference).toBe(inner.reference)
  })

  it('has another reference each time', () => {
    const references = new Set(Array.from({ length: 2000 }, () => new Refused('x').reference))
    expect(references.size).toBe(2000)
  })
})
