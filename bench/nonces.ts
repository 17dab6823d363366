import { countRepeatedNonces, sealInCluster } from '#lib/testing/seal-in-cluster.ts'
import type { BenchRow } from './bench-row.ts'

export const name = 'nonces'

const [processes, threads, each] = [4, 2, 1_250_000]

/**
 * Attack 51 in full: ten million encryptions under one key, in the processes of a cluster and their threads; no nonce may occur twice.
 * (By chance two of 10^7 random 96-bit nonces are equal once in 10^15 such runs.) The test suite does the same with fewer.
 */
export async function run(): Promise<BenchRow[]> {
  const begun = performance.now()
  const nonces = await sealInCluster({ processes, threads, each })
  const seconds = (performance.now() - begun) / 1000
  const sealed = nonces.reduce((sum, buffer) => sum + buffer.length / 12, 0)
  const repeated = countRepeatedNonces(nonces)
  return [
    {
      what: `${sealed.toLocaleString('en-US')} encryptions in ${processes} processes of ${threads} threads: nonces that occur twice`,
      unit: 'nonces',
      median: repeated,
      spread: 0,
      bar: '0',
      ok: repeated === 0 && sealed === processes * threads * each,
    },
    { what: 'the same, encryptions', unit: 'per second', median: sealed / seconds, spread: 0 },
  ]
}
