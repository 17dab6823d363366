import 'server-only'

import { NumberSet } from './number-set.ts'

/** What is wrong with a call. */
export type CallFault = {
  readonly kind: 'ROWS_MISSING' | 'ROW_FORGED'
  readonly logId: string | null
  readonly detail: string
}

/**
 * The calls of one writer. A call that its writer has called settled must have its rows: one in the log of patients, or as many
 * as were noted, or none when it was noted as void. That is decided when all rows were seen: a row of a long transaction stands before
 * those of calls that were settled when it was written.
 */
export class WriterCalls {
  readonly #id: string
  readonly #seen = new NumberSet()
  /** calls with another number of rows than one */
  readonly #odd = new Map<number, number>()
  /** calls with a row that does not fit: its id, and how many rows there are */
  readonly #forged = new Map<number, { readonly logId: string; readonly rows: number }>()
  readonly #notes = new Map<number, number | 'void'>()
  #first = 1
  #hasBegun = false
  #settled = 0

  constructor(id: string) {
    this.#id = id
  }

  /** Demands no call with a lower number than this one: its rows may lie before those that are read. */
  beginAt(number: number): void {
    this.#hasBegun = true
    this.#first = Math.max(this.#first, number)
  }

  /** Whether a row of this writer was met already. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /**
   * Takes a call with its rows.
   * @param rows how many there are in the log of patients
   * @param forged id of a row that does not fit; what this call says of others counts for nothing then
   */
  take(
    { seq, settled, notes }: { seq: number; settled: number; notes: string },
    rows: number,
    forged: string | null,
  ): void {
    this.#hasBegun = true
    if (forged !== null) {
      this.#forged.set(seq, { logId: forged, rows })
      return
    }
    this.#seen.add(seq)
    if (rows !== 1) this.#odd.set(seq, rows)
    this.#settled = Math.max(this.#settled, settled)
    for (const note of notes === '' ? [] : notes.split(',')) {
      const [call = '', count] = note.replace('v', '').split('=')
      this.#notes.set(Number(call), count === undefined ? 'void' : Number(count))
    }
  }

  /** What is wrong; the calls that were never settled can be forged, but whether any is missing cannot be told. */
  faults(): CallFault[] {
    const faults: CallFault[] = []
    for (let seq = this.#first; seq < this.#settled; seq += 1) {
      const note = this.#notes.get(seq)
      const expected = note ?? 1
      const found = this.#forged.get(seq)?.rows ?? (this.#seen.has(seq) ? (this.#odd.get(seq) ?? 1) : -1)
      if (expected === 'void' || found >= expected) continue
      this.#forged.delete(seq)
      faults.push({
        kind: 'ROWS_MISSING',
        logId: null,
        detail: `call ${seq} of writer ${this.#id} is settled, and ${found < 1 ? 'no' : `${found} of ${expected}`} rows of it are there`,
      })
    }
    for (const [seq, { logId }] of this.#forged)
      faults.push({
        kind: 'ROW_FORGED',
        logId,
        detail: `a row of call ${seq} of writer ${this.#id} is not as the writer vouched for it`,
      })
    return faults
  }
}
