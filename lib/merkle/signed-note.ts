import { sign, verify } from 'node:crypto'

import { NoteRefused } from './note-error.ts'
import type { SignerKey, VerifierKey } from './note-key.ts'

/*
 * Signed notes (C2SP signed-note): a text of lines, an empty line, and one line per signature,
 * `— <name> <base64 of key id and signature>`. Whoever reads one needs nothing but the signer's public key.
 */

type SignatureLine = { readonly name: string; readonly id: Buffer; readonly signature: Buffer }

/** Longest note that is read at all, in characters. */
const longest = 100_000
const mostSignatures = 100
const linePattern = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/

/**
 * Signs a text.
 * @param text lines, each ended by a line feed, none of them empty
 * @throws NoteRefused for another text
 */
export function signNote(text: string, signer: SignerKey): string {
  checkText(text)
  return `${text}\n${signatureLine(signer.verifier, sign(null, Buffer.from(text), signer.key))}`
}

/** Adds a witness's signature with the time at which it saw the note, in seconds since 1970 (C2SP tlog-cosignature). */
export function cosignNote(note: string, witness: SignerKey, seconds: number): string {
  const { text } = parseNote(note)
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(seconds))
  const signature = sign(null, cosignedBytes(text, BigInt(seconds)), witness.key)
  return note + signatureLine(witness.verifier, Buffer.concat([time, signature]))
}

/**
 * The text of a note that this key signed. Signatures of others do not matter.
 * @throws NoteRefused when the key did not sign it, or any signature under its name and id is wrong
 */
export function openNote(note: string, verifier: VerifierKey): string {
  const { text, signatures } = parseNote(note)
  const own = signatures.filter(({ name, id }) => name === verifier.name && id.equals(verifier.id))
  if (own.length === 0) throw new NoteRefused(`the note is not signed by ${verifier.name}`)
  if (!own.every(({ signature }) => isSignature(text, signature, verifier)))
    throw new NoteRefused(`a signature of ${verifier.name} is wrong`)
  return text
}

/** When a witness saw a note, in seconds since 1970; undefined when it did not sign it. @throws NoteRefused as openNote */
export function cosignedAt(note: string, witness: VerifierKey): number | undefined {
  const { signatures } = parseNote(note)
  const own = signatures.find(({ name, id }) => name === witness.name && id.equals(witness.id))
  if (!own || witness.kind !== 'cosignature') return undefined
  openNote(note, witness)
  return Number(own.signature.readBigUInt64BE())
}

/** Divides a note into its text and its signatures; nothing is checked yet. @throws NoteRefused */
export function parseNote(note: string): { text: string; signatures: SignatureLine[] } {
  if (note.length > longest) throw new NoteRefused('the note is too long')
  const divide = note.lastIndexOf('\n\n')
  if (divide < 0 || !note.endsWith('\n')) throw new NoteRefused('the note has no signature')
  const text = note.slice(0, divide + 1)
  checkText(text)
  const lines = note.slice(divide + 2, -1).split('\n')
  if (lines.length > mostSignatures) throw new NoteRefused('the note has too many signatures')
  return { text, signatures: lines.map(parseLine) }
}

function parseLine(line: string): SignatureLine {
  const [, name, encoded] = linePattern.exec(line) ?? []
  if (name === undefined || encoded === undefined) throw new NoteRefused('a signature line is damaged')
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length < 5 || bytes.toString('base64') !== encoded)
    throw new NoteRefused('a signature line is damaged')
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

function isSignature(text: string, signature: Buffer, verifier: VerifierKey): boolean {
  if (verifier.kind === 'ed25519') return verify(null, Buffer.from(text), verifier.key, signature)
  if (signature.length !== 72) return false
  return verify(null, cosignedBytes(text, signature.readBigUInt64BE()), verifier.key, signature.subarray(8))
}

function cosignedBytes(text: string, seconds: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
}

function signatureLine({ name, id }: VerifierKey, signature: Buffer): string {
  return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

function checkText(text: string): void {
  // An empty line would end the text early for a reader, and control characters hide what is signed.
  if (text.startsWith('\n') || !text.endsWith('\n') || text.includes('\n\n') || /[^\P{Cc}\n]/u.test(text))
    throw new NoteRefused('a note’s text is made of lines, none of them empty')
}
