import { endPools } from '#lib/db/pools.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { replaceIndexKey } from './replace-index-key.ts'

/*
 * Replaces the index key in a process of its own, so that it can be killed: with short waits, because no other process lags, and
 * so slowly that a kill hits it at work. Says which step it is at.
 */
await replaceIndexKey({
  waits: { heldSeconds: 0.2, unitSeconds: 0 },
  patientsPerSecond: 60,
  between: (step) => {
    process.stdout.write(`${step}\n`)
  },
})
await endPools()
await closeProcessKeyStore()
