import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { formatAddCheckpoint } from '#lib/merkle/add-checkpoint.ts'
import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import { CompactRange } from '#lib/merkle/compact-range.ts'
import { consistencyProof } from '#lib/merkle/consistency-proof.ts'
import { makeSignerKey, readSignerKey, type SignerKey } from '#lib/merkle/note-key.ts'
import type { ReadNode } from '#lib/merkle/range-root.ts'
import { cosignedAt } from '#lib/merkle/signed-note.ts'
import { leafHash, nodeHash, type Hash } from '#lib/merkle/tree-hash.ts'
import { serveWitness, type WitnessServer } from './serve-witness.ts'
import { holdDirectory, logId, openWitnessKey } from './witness-directory.ts'
import { Witness } from './witness.ts'

const origin = 'clinic.example/audit/1234abcd/1'
const log = makeSignerKey(origin)
const other = makeSignerKey('elsewhere.example/audit/1')
let directory: string
let signer: SignerKey
let server: WitnessServer
const folders: string[] = []

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'vigil-witness-'))
  folders.push(directory)
  await start()
})
afterEach(() => server.close())
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

async function start(): Promise<void> {
  signer = openWitnessKey(directory, 'w.example/witness')
  server = await serveWitness(new Witness(directory, signer, () => [log.verifier]), {
    address: '127.0.0.1',
    port: 0,
  })
}

let leaves: Hash[]
beforeAll(() => {
  leaves = Array.from({ length: 40 }, (_, at) => leafHash(`entry ${at}`))
})
const readNode: ReadNode = async (level, index) => {
  if (level === 0) return leaves[index] ?? Buffer.alloc(32)
  return nodeHash(await readNode(level - 1, index * 2), await readNode(level - 1, index * 2 + 1))
}
const rootOf = (size: number, of = leaves): Hash => {
  const range = new CompactRange()
  for (const leaf of of.slice(0, size)) range.append(leaf)
  return range.root()
}
const noteOf = (size: number, root = rootOf(size), by = log, name = origin): string =>
  signCheckpoint({ origin: name, size, root }, by)
const send = async (body: string, method = 'POST', address = '/add-checkpoint') => {
  const response = await fetch(`${server.url}${address}`, method === 'POST' ? { method, body } : { method })
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') }
}
const add = async (oldSize: number, note: string, proof?: Hash[]) => {
  const size = Number(note.split('\n')[1])
  const made = proof ?? (oldSize > 0 && oldSize < size ? await consistencyProof(readNode, oldSize, size) : [])
  return send(formatAddCheckpoint({ oldSize, proof: made, note }))
}

test('signs each checkpoint that goes on from the last, with the time, and shows the newest', async () => {
  for (const [oldSize, size] of [
    [0, 7],
    [7, 7],
    [7, 8],
    [8, 21],
    [21, 40],
  ] as const) {
    // prettier-ignore
    const note = noteOf(size)
    const { status, text } = await add(oldSize, note)
    expect(status).toBe(200)
    const at = cosignedAt(note + text, signer.verifier)
    expect(Math.abs((at ?? 0) - Date.now() / 1000)).toBeLessThan(60)
    expect(await send('', 'GET', `/${logId(origin)}/checkpoint`)).toMatchObject({
      status: 200,
      text: note + text,
    })
  }
  expect((await send('', 'GET', `/${logId('nobody/1')}/checkpoint`)).status).toBe(404)
})

test('of another size than the log thinks it says the size, also after a restart', async () => {
  await add(0, noteOf(8))
  await server.close()
  await start()
  for (const oldSize of [0, 7, 9])
    expect(await add(oldSize, noteOf(21))).toMatchObject({
      status: 409,
      text: '8\n',
      type: 'text/x.tlog.size',
    })
  expect((await add(8, noteOf(21))).status).toBe(200)
})

test('signs no second history: no other tree of a size it saw, and none that does not go on from it', async () => {
  await add(0, noteOf(21))
  const forged = [...leaves.slice(0, 5), leafHash('edited'), ...leaves.slice(6)]
  expect((await add(21, noteOf(21, rootOf(21, forged)))).status).toBe(409)
  expect((await add(21, noteOf(40, rootOf(40, forged)))).status).toBe(422)
  expect((await add(21, noteOf(40), [])).status).toBe(422)
  // A log rolled back and grown anew tells it an old size, and learns the true one.
  expect((await add(7, noteOf(20))).text).toBe('21\n')
  expect((await add(21, noteOf(20))).status).toBe(400)
  // Of two at once that go on from the same tree, one is signed.
  const both = await Promise.all([add(21, noteOf(30)), add(21, noteOf(40, rootOf(40)))])
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
})

test('knows its logs: another key, another name, a tree begun anew under the same key', async () => {
  expect((await add(0, noteOf(7, rootOf(7), other, other.verifier.name))).status).toBe(404)
  const impostor = makeSignerKey(origin)
  expect((await add(0, noteOf(7, rootOf(7), impostor))).status).toBe(403)
  const next = origin.replace(/1$/, '2')
  const pem = log.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  expect((await add(0, noteOf(3, rootOf(3), readSignerKey(next, pem), next))).status).toBe(200)
  expect((await add(0, noteOf(7))).status).toBe(200)
})

test('nothing else gets an answer: broken requests, ten megabytes, other addresses', async () => {
  for (const body of [
    '',
    'old',
    'old 0',
    'old -1\n\nx',
    'old 0\nnot base64\n\nx',
    `old 0\n\n${noteOf(7).slice(0, 40)}`,
  ])
    // prettier-ignore
    expect((await send(body)).status).toBe(400)
  expect((await send('x'.repeat(10_000_000))).status).toBe(413)
  expect((await send('', 'GET')).status).toBe(405)
  expect((await send('', 'GET', '/')).status).toBe(404)
  expect(readdirSync(directory)).not.toContain('seen')
})

test('its key is made once, and its directory serves one process at a time', () => {
  expect(openWitnessKey(directory, 'another/name').verifier).toMatchObject({ name: 'w.example/witness', id: signer.verifier.id }) // prettier-ignore
  const giveBack = holdDirectory(directory)
  giveBack()
  holdDirectory(directory)()
})
