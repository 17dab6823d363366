import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openCheckpoint, readUnverifiedCheckpoint, signCheckpoint } from './checkpoint.ts'
import { NoteRefused } from './note-error.ts'
import { formatVerifierKey, makeSignerKey, parseVerifierKey, readSignerKey, verifierKey } from './note-key.ts'
import { cosignedAt, cosignNote, openNote, signNote } from './signed-note.ts'
import { leafHash } from './tree-hash.ts'

// The example of the reference implementation (golang.org/x/mod/sumdb/note).
const neumann = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const neumannText =
  'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
    '’',
    "'",
  )
const neumannNote = `${neumannText}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

describe('signed notes', () => {
  test('the reference implementation’s example opens', () => {
    expect(openNote(neumannNote, parseVerifierKey(neumann))).toBe(neumannText)
    expect(formatVerifierKey(parseVerifierKey(neumann))).toBe(neumann)
  })

  test('what was signed opens with the signer’s key and no other, whatever letter is changed', () => {
    const signer = makeSignerKey('vigil.example/audit')
    const other = makeSignerKey('vigil.example/audit')
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[ -~]{1,30}$/), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (lines, at) => {
          const text = `${lines.join('\n')}\n`
          const note = signNote(text, signer)
          expect(openNote(note, signer.verifier)).toBe(text)
          expect(() => openNote(note, other.verifier)).toThrow(NoteRefused)
          const place = at % (note.length - 1)
          const bent = `${note.slice(0, place)}${note[place] === 'A' ? 'B' : 'A'}${note.slice(place + 1)}`
          expect(() => openNote(bent, signer.verifier)).toThrow(NoteRefused)
        },
      ),
    )
  })

  test('texts that could be read in two ways are not signed', () => {
    const signer = makeSignerKey('a')
    for (const text of ['', 'no end', 'a\n\nb\n', 'a\rb\n', 'a\u0000\n', '\n'])
      expect(() => signNote(text, signer)).toThrow(NoteRefused)
    for (const name of ['', 'a b', 'a+b', 'a\nb']) expect(() => makeSignerKey(name)).toThrow(NoteRefused)
  })

  test('damaged and endless notes are refused before anything is checked', () => {
    const signer = makeSignerKey('a')
    const note = signNote('x\n', signer)
    for (const bad of [
      '',
      'x\n',
      note.trimEnd(),
      note.replace('— ', '- '),
      `${note}rest`,
      note + 'x'.repeat(100_001),
    ])
      expect(() => openNote(bad, signer.verifier)).toThrow(NoteRefused)
    expect(() => openNote(note + `— a AAAA\n`.repeat(101), signer.verifier)).toThrow(NoteRefused)
    // A second, wrong signature under the same name and id spoils the note: no reader may pick the one that it likes.
    const [, line = ''] = note.split('\n\n')
    const wrong = line.replace(/.{6}=*\n$/, 'AAAAA=\n')
    expect(() => openNote(note + wrong, signer.verifier)).toThrow(NoteRefused)
  })

  test('a verifier key whose id or kind is another’s is refused', () => {
    for (const bad of [
      '',
      'a+b',
      neumann.replace('c74f', 'c74e'),
      neumann.replace('+AR', '+BR'),
      `${neumann}AA`,
    ])
      expect(() => parseVerifierKey(bad)).toThrow(NoteRefused)
  })
})

describe('checkpoints', () => {
  const signer = makeSignerKey('clinic.example/audit/1')
  const checkpoint = { origin: 'clinic.example/audit/1', size: 12345, root: leafHash('x') }

  test('come back as they were', () => {
    const note = signCheckpoint(checkpoint, signer)
    expect(note.split('\n').slice(0, 3)).toEqual([
      'clinic.example/audit/1',
      '12345',
      leafHash('x').toString('base64'),
    ])
    expect(openCheckpoint(note, signer.verifier)).toEqual(checkpoint)
    expect(readUnverifiedCheckpoint(note)).toEqual(checkpoint)
  })

  test('a key survives being written down', () => {
    const pem = signer.key.export({ type: 'pkcs8', format: 'pem' }).toString()
    const again = readSignerKey(signer.verifier.name, pem)
    expect(openCheckpoint(signCheckpoint(checkpoint, again), signer.verifier)).toEqual(checkpoint)
    expect(parseVerifierKey(formatVerifierKey(signer.verifier)).id).toEqual(signer.verifier.id)
  })

  test('sizes and roots in another spelling are refused', () => {
    const root = leafHash('x').toString('base64')
    for (const text of [
      `o\n-1\n${root}\n`,
      `o\n01\n${root}\n`,
      `o\n1e3\n${root}\n`,
      `o\n9007199254740993\n${root}\n`,
      `o\n1\nAAAA\n`,
      `o\n1\n${root}=\n`,
      'o\n1\n',
    ])
      expect(() => openCheckpoint(signNote(text, signer), signer.verifier)).toThrow(NoteRefused)
  })

  test('a witness’s signature adds a time, and is no signature of the log', () => {
    const witness = makeSignerKey('witness.example', 'cosignature')
    const note = cosignNote(signCheckpoint(checkpoint, signer), witness, 1_795_000_000)
    expect(openCheckpoint(note, signer.verifier)).toEqual(checkpoint)
    expect(openCheckpoint(note, witness.verifier)).toEqual(checkpoint)
    expect(cosignedAt(note, witness.verifier)).toBe(1_795_000_000)
    expect(cosignedAt(signCheckpoint(checkpoint, signer), witness.verifier)).toBeUndefined()
    // The same key as a plain signer has another id: one kind of signature cannot be passed off as the other.
    const plain = verifierKey('witness.example', 'ed25519', witness.verifier.key)
    expect(plain.id.equals(witness.verifier.id)).toBe(false)
    expect(() => openNote(note, plain)).toThrow(NoteRefused)
  })
})
