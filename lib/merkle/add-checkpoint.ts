import { NoteRefused } from './note-error.ts'
import type { Hash } from './tree-hash.ts'

/**
 * What a log sends to a witness (C2SP tlog-witness, add-checkpoint): the size that it believes the witness saw last, the
 * hashes that show that the new tree begins with that one, and the new checkpoint.
 */
export type AddCheckpoint = {
  readonly oldSize: number
  readonly proof: readonly Hash[]
  readonly note: string
}

/** No consistency proof of a tree of fewer than 2^63 leaves has more hashes. */
const longestProof = 63

/** The body of the request: `old N`, the proof's hashes in base64 line by line, an empty line, the note. */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  const lines = proof.map((hash) => `${hash.toString('base64')}\n`)
  return `old ${oldSize}\n${lines.join('')}\n${note}`
}

/** Reads the body of the request. @throws NoteRefused when it is not one */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.indexOf('\n\n')
  if (end < 0) throw new NoteRefused('the request has no checkpoint')
  const [first = '', ...hashes] = body.slice(0, end).split('\n')
  const [, size] = /^old (0|[1-9][0-9]{0,15})$/.exec(first) ?? []
  if (size === undefined || !Number.isSafeInteger(Number(size)))
    throw new NoteRefused('the request does not begin with a size')
  if (hashes.length > longestProof) throw new NoteRefused('the proof is too long')
  const proof = hashes.map((text) => {
    const hash = Buffer.from(text, 'base64')
    if (hash.length !== 32 || hash.toString('base64') !== text)
      throw new NoteRefused('a hash of the proof is damaged')
    return hash
  })
  return { oldSize: Number(size), proof, note: body.slice(end + 2) }
}
