import { expect, test } from 'vitest'

import { countRepeatedNonces, sealInCluster } from '#lib/testing/seal-in-cluster.ts'
import { takeNonce } from './nonce-pool.ts'

/** Nonces seen again among `count` taken. Keeps them in an open-addressed table: a Set of a million strings is slow. */
function repeats(take: (target: Buffer) => void, count: number): number {
  const slots = 2 ** Math.ceil(Math.log2(count * 2))
  const table = new BigUint64Array(slots)
  const nonce = Buffer.alloc(12)
  let found = 0
  for (let taken = 0; taken < count; taken += 1) {
    take(nonce)
    // Two nonces that agree in 64 of 96 bits by chance are expected once in 10^7 runs of this test.
    const value = nonce.readBigUInt64LE(0) | 1n
    let slot = nonce.readUInt32LE(8) % slots
    while (table[slot] !== 0n && table[slot] !== value) slot = (slot + 1) % slots
    if (table[slot] === value) found += 1
    table[slot] = value
  }
  return found
}

test('attack 51: a million nonces, none twice', { timeout: 120_000 }, () => {
  expect(repeats((target) => takeNonce(target, 0), 1_000_000)).toBe(0)
  // Control: a pool that is refilled from a generator with 16 bits of state repeats, and is found out.
  let state = 0
  const poor = (target: Buffer) => {
    state = (state * 25_173 + 13_849) % 65_536
    target.fill(0)
    target.writeUInt32LE(state, 0)
    target.writeUInt32LE(state, 8)
  }
  expect(repeats(poor, 100_000)).toBeGreaterThan(30_000)
})

test('attack 51: the processes and threads of a cluster never seal with one nonce twice', async () => {
  const each = 20_000
  const nonces = await sealInCluster({ processes: 3, threads: 2, each })
  expect(nonces.map((buffer) => buffer.length / 12)).toEqual(Array.from({ length: 6 }, () => each))
  expect(countRepeatedNonces(nonces)).toBe(0)
  // Control: one nonce of one process again in another is found.
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = nonces
  first.copy(second, 12 * 777, 12 * 5, 12 * 6)
  expect(countRepeatedNonces(nonces)).toBe(1)
})
