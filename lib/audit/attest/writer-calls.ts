import 'server-only'

/** What a call's rows show, once all of them were seen. */
export type SeenCall = {
  /** rows in the log of patients */
  readonly rows: number
  /** id of a row that does not fit its writer's MAC */
  readonly forged: string | null
}

/** What is wrong with a call. */
export type CallFault = {
  readonly kind: 'ROWS_MISSING' | 'ROW_FORGED'
  readonly logId: string | null
  readonly detail: string
}

/**
 * The calls of one writer, in the order in which their rows became final. A call that its writer has called settled must have
 * its rows: one in the log of patients, or as many as were noted, or none when it was noted as void.
 */
export class WriterCalls {
  readonly #id: string
  readonly #seen = new Map<number, SeenCall>()
  readonly #notes = new Map<number, number | 'void'>()
  #low: number

  /** @param first number of the first call that must be there */
  constructor(id: string, first: number) {
    this.#id = id
    this.#low = first
  }

  /** How many calls are below the mark up to which everything is settled. */
  get settled(): number {
    return this.#low - 1
  }

  /**
   * Takes a call. What it says of earlier ones counts only when its own row fits.
   * @returns what is wrong with calls that are settled now
   */
  take(seq: number, seen: SeenCall, words: { settled: number; notes: string } | null): CallFault[] {
    const faults: CallFault[] = []
    if (seq >= this.#low) this.#seen.set(seq, seen)
    else if (seen.forged !== null) faults.push(this.#forged(seq, seen.forged))
    if (words === null) return faults
    for (const note of words.notes === '' ? [] : words.notes.split(','))
      if (note.endsWith('v')) this.#notes.set(Number(note.slice(0, -1)), 'void')
      else {
        const [call, rows] = note.split('=')
        this.#notes.set(Number(call), Number(rows))
      }
    for (; this.#low < words.settled; this.#low += 1) {
      const fault = this.#check(this.#low)
      if (fault) faults.push(fault)
      this.#seen.delete(this.#low)
      this.#notes.delete(this.#low)
    }
    return faults
  }

  /** What is wrong with calls that were never settled: forged rows are, missing ones cannot be told. */
  end(): CallFault[] {
    return [...this.#seen].flatMap(([seq, { forged }]) =>
      forged === null ? [] : [this.#forged(seq, forged)],
    )
  }

  #check(seq: number): CallFault | null {
    const seen = this.#seen.get(seq)
    const note = this.#notes.get(seq)
    if (note === 'void') return seen?.forged == null ? null : this.#forged(seq, seen.forged)
    const expected = note ?? 1
    if (!seen || seen.rows < expected) {
      const found = seen ? `${seen.rows} of ${expected}` : 'none'
      return {
        kind: 'ROWS_MISSING',
        logId: null,
        detail: `call ${seq} of writer ${this.#id} was settled, and ${found} of its rows are there`,
      }
    }
    return seen.forged === null ? null : this.#forged(seq, seen.forged)
  }

  #forged(seq: number, logId: string): CallFault {
    return {
      kind: 'ROW_FORGED',
      logId,
      detail: `a row of call ${seq} of writer ${this.#id} is not as the writer vouched for it`,
    }
  }
}
