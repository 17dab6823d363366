import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { HmacKey } from './hmac.ts'
import { WriterCalls } from './writer-calls.ts'
import { Writer, type Call } from './writer.ts'

const key = { id: '01234567', ofWriter: () => new HmacKey(Buffer.alloc(32, 7)) }

/** A call as its committed row tells of it. */
type Row = { seq: number; settled: number; notes: string; rows: number }

const wordsOf = (call: Call): Omit<Row, 'rows'> => {
  const [, seq = '', settled = '', notes = ''] = call.attestation({ kind: 'events' }).split('|')
  return { seq: Number(seq), settled: Number(settled), notes }
}

/** Calls begin and end in any order; some write several rows or none, some are rolled back, some never end. */
const history = fc.array(
  fc.record({ end: fc.nat(5), outcome: fc.constantFrom(1, 1, 1, 0, 2, 7, 'failed' as const) }),
  { maxLength: 60 },
)

function play(steps: readonly { end: number; outcome: number | 'failed' }[]): Row[] {
  const writer = new Writer('w', key)
  const open: { call: Call; words: Omit<Row, 'rows'>; outcome: number | 'failed' }[] = []
  const rows: Row[] = []
  const close = (at: number): void => {
    const [ending] = open.splice(at, 1)
    if (!ending) return
    if (ending.outcome === 'failed') ending.call.failed()
    else {
      ending.call.written(ending.outcome)
      rows.push({ ...ending.words, rows: ending.outcome })
    }
  }
  for (const { end, outcome } of steps) {
    const call = writer.call()
    open.push({ call, words: wordsOf(call), outcome })
    // Up to three may go on at once.
    if (end < open.length) close(end)
    while (open.length > 3) close(0)
  }
  return rows
}

const faultsOf = (rows: readonly Row[]) => {
  const calls = new WriterCalls('w')
  for (const row of rows) calls.take(row, row.rows, null)
  return calls.faults()
}
const settledBy = (rows: readonly Row[]): number => Math.max(0, ...rows.map((row) => row.settled))

describe('the calls of a writer', () => {
  test('that really were leave nothing to complain about, however they overlap and end', () => {
    fc.assert(
      fc.property(history, (steps) => faultsOf(play(steps)).length === 0),
      { numRuns: 1000 },
    )
  })

  test('each one that is taken away is missed once it is settled, whole or by one of its rows', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, pick) => {
        const rows = play(steps)
        const candidates = rows.filter((row) => row.seq < settledBy(rows.filter((each) => each !== row)))
        const taken = candidates[pick % Math.max(1, candidates.length)]
        if (!taken) return
        const left = rows.filter((row) => row !== taken)
        expect(faultsOf(left).some(({ detail }) => detail.startsWith(`call ${taken.seq} `))).toBe(true)
        if (taken.rows < 2) return
        const fewer = rows.map((row) => (row === taken ? { ...row, rows: row.rows - 1 } : row))
        expect(faultsOf(fewer)).toMatchObject([{ kind: 'ROWS_MISSING' }])
      }),
      { numRuns: 1000 },
    )
  })

  test('and nearly all are settled by the next: the mark lags behind only what goes on', () => {
    const writer = new Writer('w', key)
    for (let at = 1; at <= 50; at += 1) {
      const call = writer.call()
      expect(wordsOf(call)).toMatchObject({ seq: at, settled: at })
      if (at % 7 === 0) call.failed()
      else call.written(at % 5 === 0 ? 3 : 1)
    }
    expect(writer.isAhead).toBe(true)
  })

  test('what is forged is told as forged, also where it was never settled', () => {
    const calls = new WriterCalls('w')
    calls.take({ seq: 1, settled: 1, notes: '' }, 1, 'the-row')
    expect(calls.faults()).toMatchObject([{ kind: 'ROW_FORGED', logId: 'the-row' }])
  })
})
