import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { AnchorAway } from '#lib/audit/seal/anchor.ts'
import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import { CompactRange } from '#lib/merkle/compact-range.ts'
import { makeSignerKey, type SignerKey } from '#lib/merkle/note-key.ts'
import { cosignedAt } from '#lib/merkle/signed-note.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { openHttpWitness } from '#lib/ops/seal/http-witness.ts'
import { makeCertificates } from '#lib/testing/test-servers.ts'
import { run } from './audit-witness.ts'
import { serveWitness, type WitnessServer } from './serve-witness.ts'
import { openWitnessKey } from './witness-directory.ts'
import { Witness } from './witness.ts'

// What would be lost if these failed: checkpoints would travel to a witness in the clear, or to somebody who only claims to be it.

const folder = mkdtempSync(path.join(tmpdir(), 'vigil-witness-tls-'))
const origin = 'clinic.example/audit/1234abcd/1'
const log = makeSignerKey(origin)
const trusted = tls.getCACertificates('default')
let signer: SignerKey
let server: WitnessServer
let certificates: ReturnType<typeof makeCertificates>

beforeAll(async () => {
  certificates = makeCertificates(folder)
  signer = openWitnessKey(path.join(folder, 'w'), 'w.example/witness')
  server = await serveWitness(new Witness(path.join(folder, 'w'), signer, () => [log.verifier]), {
    address: '127.0.0.1',
    port: 0,
    tls: { cert: readFileSync(certificates.certificate), key: readFileSync(certificates.key) },
  })
})
afterAll(async () => {
  tls.setDefaultCACertificates(trusted)
  await server.close()
  rmSync(folder, { recursive: true })
})

const range = new CompactRange()
range.append(leafHash('an entry'))
const note = signCheckpoint({ origin, size: 1, root: range.root() }, log)
const witnessAt = (url: string) => openHttpWitness(url, signer.verifier)
const byName = (): string => server.url.replace('127.0.0.1', 'localhost')
/** As NODE_EXTRA_CA_CERTS does for a process that starts. */
const trustItsAuthority = (): void =>
  tls.setDefaultCACertificates([...trusted, readFileSync(certificates.authority, 'utf8')])

test('a witness with a certificate of an authority that is not trusted is sent no checkpoint', async () => {
  await expect(witnessAt(byName()).addCheckpoint(0, [], note)).rejects.toThrow(AnchorAway)
  await expect(witnessAt(byName()).newestOf(origin)).rejects.toThrow(AnchorAway)
})

test('nor is one under another name than its certificate’s, or one asked without TLS', async () => {
  trustItsAuthority()
  await expect(witnessAt(server.url).addCheckpoint(0, [], note)).rejects.toThrow(AnchorAway)
  const clear = byName().replace('https:', 'http:')
  await expect(witnessAt(clear).addCheckpoint(0, [], note)).rejects.toThrow(AnchorAway)
  // It saw none of these.
  expect(await witnessAt(byName()).newestOf(origin)).toBeUndefined()
})

test('over TLS 1.2 or later it signs, and shows what it signed', async () => {
  trustItsAuthority()
  const answer = await witnessAt(byName()).addCheckpoint(0, [], note)
  if (answer.kind !== 'cosigned') throw new Error(`it answered ${answer.kind}`)
  expect(cosignedAt(note + answer.lines, signer.verifier)).toBeGreaterThan(0)
  expect(await witnessAt(byName()).newestOf(origin)).toBe(note + answer.lines)
  expect(await handshake('TLSv1.2')).toBe('TLSv1.2')
  expect(await handshake('TLSv1.1')).toBe('refused')
})

/** What is agreed on with a client that speaks this version at most. */
const handshake = (version: 'TLSv1.1' | 'TLSv1.2'): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = tls.connect({
      host: '127.0.0.1', servername: 'localhost', port: Number(new URL(server.url).port), ca: readFileSync(certificates.authority),
      minVersion: 'TLSv1.1', maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0',
    }) // prettier-ignore
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol())
      socket.destroy()
    })
    socket.once('error', () => resolve('refused'))
  })

test('beyond its own machine it is not started without a certificate, nor with half of one', async () => {
  const directory = path.join(folder, 'never')
  mkdirSync(directory)
  const start = (options: Record<string, string>) =>
    run({ words: [], options: { dir: directory, ...options }, say: () => undefined } as never)
  const starting = (options: Record<string, string>) => Promise.resolve().then(() => start(options))
  await expect(starting({ listen: '0.0.0.0' })).rejects.toThrow('speaks TLS')
  await expect(starting({ 'tls-cert': certificates.certificate })).rejects.toThrow('Name both')
  const away = { 'tls-cert': path.join(folder, 'no.pem'), 'tls-key': certificates.key }
  await expect(starting({ listen: '0.0.0.0', ...away })).rejects.toThrow('cannot be read')
})
