import 'server-only'
import { AnchorAway, type Anchor } from './anchor.ts'

/** What an anchor held at one moment, as a stream of signed notes. */
export type HeldAnchor = { readonly id: string; readonly notes: AsyncIterable<string> }

/**
 * Asks every anchor for the first of its checkpoints, which settles what belongs to its answer. Whoever compares with the
 * database takes a snapshot of it afterwards: what was anchored later would look like a tree that was cut short.
 */
export async function holdAnchors(
  anchors: readonly Anchor[],
): Promise<{ held: HeldAnchor[]; unreached: string[] }> {
  const held: HeldAnchor[] = []
  const unreached: string[] = []
  for (const anchor of anchors) {
    const notes = anchor.all()[Symbol.asyncIterator]()
    try {
      const first = await notes.next()
      held.push({ id: anchor.id, notes: goOn(first, notes) })
    } catch (error) {
      if (!(error instanceof AnchorAway)) throw error
      unreached.push(anchor.id)
    }
  }
  return { held, unreached }
}

async function* goOn(
  first: IteratorResult<string>,
  notes: AsyncIterator<string>,
): AsyncGenerator<string, void, undefined> {
  for (let next = first; next.done !== true; next = await notes.next()) yield next.value
}
