import { NoteRefused } from './note-error.ts'
import type { SignerKey, VerifierKey } from './note-key.ts'
import { openNote, parseNote, signNote } from './signed-note.ts'
import type { Hash } from './tree-hash.ts'

/** What a log says of itself at one moment: so many leaves, and their root (C2SP tlog-checkpoint). */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Hash }

/** The checkpoint as a signed note of three lines: origin, size, root in base64. */
export function signCheckpoint({ origin, size, root }: Checkpoint, signer: SignerKey): string {
  return signNote(`${origin}\n${size}\n${root.toString('base64')}\n`, signer)
}

/** Reads a checkpoint that this key signed. @throws NoteRefused */
export function openCheckpoint(note: string, verifier: VerifierKey): Checkpoint {
  return parseText(openNote(note, verifier))
}

/** Reads a checkpoint without asking who signed it: for showing, never for believing. @throws NoteRefused */
export function readUnverifiedCheckpoint(note: string): Checkpoint {
  return parseText(parseNote(note).text)
}

function parseText(text: string): Checkpoint {
  const [origin = '', size = '', encoded = ''] = text.split('\n')
  const root = Buffer.from(encoded, 'base64')
  if (
    origin === '' ||
    !/^(0|[1-9][0-9]{0,15})$/.test(size) ||
    !Number.isSafeInteger(Number(size)) ||
    root.length !== 32 ||
    root.toString('base64') !== encoded
  ) {
    throw new NoteRefused('the note is not a checkpoint')
  }
  return { origin, size: Number(size), root }
}
