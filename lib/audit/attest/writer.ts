import 'server-only'

import type { AttestationKey } from './attestation-key.ts'
import type { CallWords, Claim } from './claim.ts'
import type { HmacKey } from './hmac.ts'
import { callKey } from './row-mac.ts'

/** Notes that one call carries at most: the database takes 4,000 characters. */
const notesMax = 150

/** A call that has a number and is not settled: it runs, or what is to be said of it was not yet said for certain. */
type Open = { note: string | null; carrier: number | null }

/** One statement that writes into the trail, from before it is sent until it is known what became of it. */
export type Call = {
  /** What the statement tells the database: see audit.attest. */
  readonly attestation: (claim: Claim) => string
  /** Its rows are committed. @param rows how many it wrote into the log of patients */
  readonly written: (rows: number) => void
  /** It was rolled back, or nobody knows: its rows may be missing. */
  readonly failed: () => void
}

/**
 * Numbers the calls of one process, so that a call whose rows are missing is noticed. Numbers have no gaps. Each call also
 * says below which number all are settled, that is answered, and with what result where it is not one row.
 *
 * A result is certain once the call that carries it was committed itself; until then the mark stays below it.
 */
export class Writer {
  readonly id: string
  readonly #keyId: string
  readonly #key: HmacKey
  readonly #open = new Map<number, Open>()
  #next = 1
  #isAhead = false

  constructor(id: string, key: AttestationKey) {
    this.id = id
    this.#keyId = key.id
    this.#key = key.ofWriter(id)
  }

  /** Whether calls were answered that no later call has called settled. */
  get isAhead(): boolean {
    return this.#isAhead
  }

  /** Opens the next call. */
  call(): Call {
    const seq = this.#next
    this.#next += 1
    const carried: number[] = []
    const notes: string[] = []
    let settled: number | undefined
    for (const [number, open] of this.#open) {
      if (open.note === null || open.carrier !== null || carried.length >= notesMax) {
        settled ??= number
        continue
      }
      open.carrier = seq
      carried.push(number)
      notes.push(open.note)
    }
    const words = { seq, settled: settled ?? seq, notes: notes.join(',') }
    this.#open.set(seq, { note: null, carrier: null })
    return {
      attestation: (claim) => this.#attestation(words, claim),
      written: (rows) => {
        for (const number of carried) this.#open.delete(number)
        if (rows === 1) this.#open.delete(seq)
        else this.#open.set(seq, { note: `${seq}=${rows}`, carrier: null })
        this.#isAhead = true
      },
      failed: () => {
        for (const number of carried) {
          const open = this.#open.get(number)
          if (open) open.carrier = null
        }
        this.#open.set(seq, { note: `${seq}v`, carrier: null })
        this.#isAhead = true
      },
    }
  }

  /** Settles what can be settled by a call that does nothing else. */
  async settle(send: (attestation: string) => Promise<unknown>): Promise<void> {
    this.#isAhead = false
    const call = this.call()
    try {
      await send(call.attestation({ kind: 'events' }))
    } catch (error) {
      call.failed()
      throw error
    }
    const wasAhead = this.#isAhead
    call.written(0)
    // Its own row needs no further one to vouch for it.
    this.#isAhead = wasAhead
  }

  #attestation(words: CallWords, claim: Claim): string {
    const events = callKey(this.#key, words, { kind: 'events' }).pads()
    const rows = claim.kind === 'events' ? events : callKey(this.#key, words, claim).pads()
    const { seq, settled, notes } = words
    return `${this.id}|${seq}|${settled}|${notes}|${this.#keyId}|${rows}|${events}`
  }
}
