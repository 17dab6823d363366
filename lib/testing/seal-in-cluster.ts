import { execFile } from 'node:child_process'
import cluster from 'node:cluster'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker, isMainThread, threadId, workerData } from 'node:worker_threads'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { DataKey } from '#lib/crypto/data-keys.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'

/*
 * Many encryptions under one key in several processes at once, as web processes that serve one patient make them, and in threads
 * beside them. This file is also the program that each of them runs.
 */
const ownFile = fileURLToPath(import.meta.url)
const nonceLength = 12

type Plan = { folder: string; processes: number; threads: number; each: number }

/**
 * Seals `each` cells in every thread of every process of a cluster, all under the same key.
 * @returns the nonces that stand in the cells, 12 bytes each, one buffer per thread
 */
export async function sealInCluster(plan: Omit<Plan, 'folder'>): Promise<Buffer[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-nonces-'))
  try {
    await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      ownFile,
      JSON.stringify({ ...plan, folder } satisfies Plan),
    ])
    return readdirSync(folder).map((file) => readFileSync(path.join(folder, file)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** How many of the nonces, 12 bytes each, were there before among all of the buffers. */
export function countRepeatedNonces(buffers: readonly Buffer[]): number {
  const all = Buffer.concat(buffers)
  const count = all.length / nonceLength
  const slots = 2 ** Math.ceil(Math.log2(count * 2 + 1))
  // An open-addressed table of positions: a Set of ten million strings would not fit.
  const table = new Uint32Array(slots)
  let repeated = 0
  for (let index = 0; index < count; index += 1) {
    const at = index * nonceLength
    let slot = all.readUInt32LE(at) & (slots - 1)
    for (; table[slot] !== 0; slot = (slot + 1) & (slots - 1)) {
      const other = ((table[slot] ?? 0) - 1) * nonceLength
      if (all.compare(all, other, other + nonceLength, at, at + nonceLength) === 0) {
        repeated += 1
        break
      }
    }
    table[slot] = index + 1
  }
  return repeated
}

function sealHere({ folder, each }: Plan): void {
  const key = new DataKey({
    ownerId: 'x',
    version: 1,
    state: 'active',
    key: new SecretKey(new Uint8Array(32)),
  })
  const column = cellColumn('patient.sex', 'string')
  const row = rowAddress('row', 'x')
  const nonces = Buffer.alloc(each * nonceLength)
  for (let turn = 0; turn < each; turn += 1) {
    // 18 characters after the header are type byte and nonce.
    const head = Buffer.from(sealCell(key, column, row, 'x').slice(14, 32), 'base64url')
    head.copy(nonces, turn * nonceLength, 1, 1 + nonceLength)
  }
  writeFileSync(path.join(folder, `${process.pid}-${threadId}`), nonces)
}

if (process.argv[1] === ownFile) {
  const plan = JSON.parse((isMainThread ? process.argv[2] : (workerData as string)) ?? '{}') as Plan
  if (isMainThread && cluster.isPrimary) {
    for (let forked = 0; forked < plan.processes; forked += 1) cluster.fork()
  } else {
    if (isMainThread) {
      for (let started = 1; started < plan.threads; started += 1)
        new Worker(ownFile, { workerData: JSON.stringify(plan) })
    }
    sealHere(plan)
    if (isMainThread) cluster.worker?.disconnect()
  }
}
