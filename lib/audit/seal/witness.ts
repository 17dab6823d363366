import 'server-only'
import type { VerifierKey } from '#lib/merkle/note-key.ts'
import type { Hash } from '#lib/merkle/tree-hash.ts'

/** Somebody outside who signs each checkpoint that goes on from the one that they signed before (C2SP tlog-witness). */
export interface OutsideWitness {
  /** `witness …`: as it stands in audit.anchor_receipt */
  readonly id: string
  /** the key by which its signatures are checked */
  readonly key: VerifierKey
  /**
   * Asks for a signature.
   * @param oldSize the tree that it is believed to have seen last; 0 for none
   * @param proof that the new tree begins with that one
   * @returns the signature's line; or the size that it really saw last, when it was another (`size`) or it does not accept
   *   the proof (`refused`)
   * @throws AnchorAway
   */
  addCheckpoint(oldSize: number, proof: readonly Hash[], note: string): Promise<WitnessReply>
  /** The newest checkpoint of a log that it signed. @throws AnchorAway */
  newestOf(origin: string): Promise<string | undefined>
}

export type WitnessReply =
  | { readonly kind: 'cosigned'; readonly lines: string }
  | { readonly kind: 'size'; readonly size: number }
  | { readonly kind: 'refused' }
