import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

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

test('attack 51: a million nonces, none twice', { timeout: 60_000 }, () => {
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

test('attack 51: worker threads and processes start with pools of their own', () => {
  const pool = JSON.stringify(new URL('./nonce-pool.ts', import.meta.url).href)
  const take = `import { takeNonce } from ${pool}
    const taken = Array.from({ length: 2000 }, () => {
      const nonce = Buffer.alloc(12)
      takeNonce(nonce, 0)
      return nonce.toString('hex')
    })`
  const worker = `import { parentPort } from 'node:worker_threads'; ${take}; parentPort.postMessage(taken)`
  const script = `import { Worker } from 'node:worker_threads'; ${take}
    const source = new URL('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(worker))})
    const others = await Promise.all([1, 2, 3].map(() => new Promise((resolve, reject) => {
      new Worker(source, { execArgv: [] }).on('message', resolve).on('error', reject)
    })))
    process.stdout.write([...taken, ...others.flat()].join(' '))`
  const run = () => {
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return output.toString().split(' ')
  }
  const nonces = [...run(), ...run()]
  expect(nonces).toHaveLength(2 * 4 * 2000)
  expect(new Set(nonces).size).toBe(nonces.length)
})
