import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

import { NoteRefused } from './note-error.ts'

/** What a key signs: a note's text, or a note's text with the time at which a witness saw it (C2SP tlog-cosignature). */
export type NoteKeyKind = 'ed25519' | 'cosignature'
const kindBytes = { ed25519: 1, cosignature: 4 } as const

/** A public key of a signer, with the name and the id by which its signatures are found (C2SP signed-note). */
export type VerifierKey = {
  readonly name: string
  readonly kind: NoteKeyKind
  /** first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ public key) */
  readonly id: Buffer
  readonly key: KeyObject
}

export type SignerKey = { readonly verifier: VerifierKey; readonly key: KeyObject }

/** Head of an Ed25519 public key in DER (RFC 8410): what follows are its 32 bytes. */
const derHead = Buffer.from('302a300506032b6570032100', 'hex')

/** Names stand in lines of text between spaces and before a plus sign. */
const namePattern = /^[^\s+\p{C}]{1,200}$/u

/** @throws NoteRefused for a name that would break a line */
export function verifierKey(name: string, kind: NoteKeyKind, key: KeyObject): VerifierKey {
  if (!namePattern.test(name)) throw new NoteRefused('a signer’s name has no space and no plus sign')
  const head = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(kindBytes[kind])])
  const id = createHash('sha256').update(head).update(rawOf(key)).digest().subarray(0, 4)
  return { name, kind, id, key }
}

/** `<name>+<key id in hex>+<base64 of kind and key>`: the form in which a key is handed to somebody who checks. */
export function formatVerifierKey({ name, kind, id, key }: VerifierKey): string {
  const encoded = Buffer.concat([Buffer.of(kindBytes[kind]), rawOf(key)]).toString('base64')
  return `${name}+${id.toString('hex')}+${encoded}`
}

/** @throws NoteRefused unless the text is a key whose id fits */
export function parseVerifierKey(text: string): VerifierKey {
  // Base64 may hold plus signs itself: only the first two divide.
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? []
  if (name === undefined || id === undefined || encoded === undefined)
    throw new NoteRefused('a verifier key is name, id and key, joined by plus signs')
  const bytes = Buffer.from(encoded, 'base64')
  const kind = bytes[0] === 1 ? 'ed25519' : bytes[0] === 4 ? 'cosignature' : undefined
  if (!kind || bytes.length !== 33 || bytes.toString('base64') !== encoded)
    throw new NoteRefused('this kind of verifier key is not known')
  const parsed = verifierKey(name, kind, keyOf(bytes.subarray(1)))
  if (parsed.id.toString('hex') !== id) throw new NoteRefused('the id of this verifier key is not its own')
  return parsed
}

/** A new signer. */
export function makeSignerKey(name: string, kind: NoteKeyKind = 'ed25519'): SignerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { verifier: verifierKey(name, kind, publicKey), key: privateKey }
}

/** A signer from its private key (PKCS #8, PEM). */
export function readSignerKey(name: string, pem: string, kind: NoteKeyKind = 'ed25519'): SignerKey {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new NoteRefused('a signer has an Ed25519 key')
  return { verifier: verifierKey(name, kind, createPublicKey(key)), key }
}

function rawOf(key: KeyObject): Buffer {
  const der = key.export({ type: 'spki', format: 'der' })
  if (key.asymmetricKeyType !== 'ed25519') throw new NoteRefused('a signer has an Ed25519 key')
  return der.subarray(derHead.length)
}

function keyOf(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([derHead, raw]), format: 'der', type: 'spki' })
}
