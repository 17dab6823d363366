import 'server-only'

import { now } from '#lib/clock.ts'
import { parseAddCheckpoint } from '#lib/merkle/add-checkpoint.ts'
import { openCheckpoint, readUnverifiedCheckpoint, type Checkpoint } from '#lib/merkle/checkpoint.ts'
import { isConsistent } from '#lib/merkle/consistency-proof.ts'
import { NoteRefused } from '#lib/merkle/note-error.ts'
import { verifierKey, type SignerKey, type VerifierKey } from '#lib/merkle/note-key.ts'
import { cosignNote } from '#lib/merkle/signed-note.ts'
import { emptyRoot } from '#lib/merkle/tree-hash.ts'
import { keepSeen, logId, readSeen } from './witness-directory.ts'

/** Status, body and type of an answer, as C2SP tlog-witness wants them. */
export type WitnessAnswer = { readonly status: number; readonly body: string; readonly type?: string }

/**
 * Signs the checkpoints of the logs that it watches, and of each log one history only: the next checkpoint has to go on from
 * the one before (C2SP tlog-witness). What it signed it keeps before it answers.
 */
export class Witness {
  readonly #directory: string
  readonly #signer: SignerKey
  readonly #logs: () => readonly VerifierKey[]
  /** the request before, per log: two at once must not both go on from the same checkpoint */
  readonly #turns = new Map<string, Promise<unknown>>()

  /** @param logs the keys of the logs that it watches, asked for each time */
  constructor(directory: string, signer: SignerKey, logs: () => readonly VerifierKey[]) {
    this.#directory = directory
    this.#signer = signer
    this.#logs = logs
  }

  /** The newest checkpoint of a log, with this witness's signature. @param id of the log, as {@link logId} makes it */
  async newest(id: string): Promise<WitnessAnswer> {
    const note = await readSeen(this.#directory, id)
    return note === undefined ? { status: 404, body: '' } : { status: 200, body: note }
  }

  /** Answers an add-checkpoint request. */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    try {
      const request = parseAddCheckpoint(body)
      const { origin } = readUnverifiedCheckpoint(request.note)
      const key = this.#keyOf(origin)
      if (!key) return { status: 404, body: 'this log is not watched here\n' }
      const id = logId(origin)
      const before = this.#turns.get(id) ?? Promise.resolve()
      const answer = before.then(() => this.#goOn(id, key, request))
      this.#turns.set(
        id,
        answer.catch(() => undefined),
      )
      return await answer
    } catch (error) {
      if (error instanceof NoteRefused) return { status: 400, body: `${error.message}\n` }
      throw error
    }
  }

  async #goOn(
    id: string,
    key: VerifierKey,
    request: ReturnType<typeof parseAddCheckpoint>,
  ): Promise<WitnessAnswer> {
    let next: Checkpoint
    try {
      next = openCheckpoint(request.note, key)
    } catch (error) {
      if (error instanceof NoteRefused) return { status: 403, body: `${error.message}\n` }
      throw error
    }
    if (request.oldSize > next.size) return { status: 400, body: 'the old size is larger than the new one\n' }
    const seen = await readSeen(this.#directory, id)
    const last = seen === undefined ? undefined : readUnverifiedCheckpoint(seen)
    const lastSize = last?.size ?? 0
    if (request.oldSize !== lastSize || (last?.size === next.size && !last.root.equals(next.root)))
      return { status: 409, body: `${lastSize}\n`, type: 'text/x.tlog.size' }
    const isNext =
      last === undefined || lastSize === 0
        ? request.proof.length === 0 && (next.size > 0 || next.root.equals(emptyRoot))
        : isConsistent(last, next, request.proof)
    if (!isNext) return { status: 422, body: 'the new tree does not go on from the old one\n' }
    const cosigned = cosignNote(request.note, this.#signer, Math.floor(now().getTime() / 1000))
    await keepSeen(this.#directory, id, cosigned)
    return { status: 200, body: cosigned.slice(request.note.length) }
  }

  /** A log's key by its name. After a restore the log begins anew under the same key, and the next number at the end of its name. */
  #keyOf(origin: string): VerifierKey | undefined {
    const base = origin.replace(/[/][0-9]{1,9}$/, '')
    const known = this.#logs().find(
      ({ name }) => name === origin || name.replace(/[/][0-9]{1,9}$/, '') === base,
    )
    return known && verifierKey(origin, 'ed25519', known.key)
  }
}
