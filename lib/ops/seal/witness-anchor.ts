import 'server-only'

import type { Anchor } from '#lib/audit/seal/anchor.ts'
import type { OutsideWitness } from '#lib/audit/seal/witness.ts'

/**
 * A witness as one of the places that hold checkpoints, for whoever compares: it gives out the newest one of each tree that
 * this installation has had.
 * @param base name of the log without the number of the tree
 */
export const witnessAnchor = (witness: OutsideWitness, base: string): Anchor => {
  const all = async (): Promise<string[]> => {
    const notes: string[] = []
    for (let incarnation = 1; ; incarnation += 1) {
      const note = await witness.newestOf(`${base}/${incarnation}`)
      // A witness may have come later than the first trees, so one that is missing is no end; a gap of ten is.
      if (note !== undefined) notes.push(note)
      else if (incarnation >= notes.length + 10) return notes
    }
  }
  return {
    id: witness.id,
    newest: async () => (await all()).at(-1),
    async *all() {
      yield* await all()
    },
    keep: () => Promise.reject(new Error('a witness is asked to sign, not to keep')),
  }
}
