import { describe, expect, it, vi } from 'vitest'
import { replaceClock } from './clock.ts'
import { type LogFields, log, logLine } from './log.ts'

describe('a log line', () => {
  it('is one JSON document with the time, the event and its fields', () => {
    const restore = replaceClock({ now: () => new Date('2026-03-01T12:00:00Z') })
    expect(
      JSON.parse(logLine('request.failed', { reference: 'V-7K3M-92QD', code: '57P01', status: 503 })),
    ).toEqual({
      at: '2026-03-01T12:00:00.000Z',
      event: 'request.failed',
      reference: 'V-7K3M-92QD',
      code: '57P01',
      status: 503,
    })
    restore()
  })

  // What would be lost: a name, a date of birth or a result in a log that many read and nobody audits.
  it.each([
    'Maria Alvarez',
    'maria.alvarez@example.org',
    '1987-04-12',
    '078-05-1120',
    'Glucose 182 mg/dL',
    'O’Neil',
    '🩺',
    'x\n{"event":"forged"}',
  ])('cannot hold %j in any field', (value) => {
    const fields = {
      reference: value,
      requestId: value,
      errorName: value,
      code: value,
      place: value,
      status: value,
    }
    const line = logLine('request.failed', fields)
    expect(line).not.toContain(value)
    expect(line).not.toContain('\n')
    expect(Object.values(JSON.parse(line) as object).filter((each) => each === '[redacted]')).toHaveLength(6)
  })

  it('leaves out fields that the event does not have', () => {
    const smuggled = { port: 3000, patient: 'Maria Alvarez' } as LogFields<'web.ready'>
    expect(logLine('web.ready', smuggled)).not.toContain('Maria')
  })

  it('goes to stderr, and a broken stderr ends nothing', () => {
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => {
      throw new Error('EPIPE')
    })
    expect(() => log('web.ready', { port: 3000 })).not.toThrow()
    expect(write).toHaveBeenCalledOnce()
    write.mockRestore()
  })
})
