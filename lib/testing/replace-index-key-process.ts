import { setTimeout as sleep } from 'node:timers/promises'
import { replaceIndexKey } from './replace-index-key.ts'

/*
 * Replaces the index key in a process of its own, with short waits, because no other process lags, and ends itself with SIGKILL
 * so many milliseconds after it came to a step, such as "fill" "120". Where it is at once done, it waits for that moment.
 */
const [at = '', milliseconds = '0'] = process.argv.slice(2)
const die = () => process.kill(process.pid, 'SIGKILL')
let dying: Promise<unknown> | undefined
await replaceIndexKey({
  waits: { heldSeconds: 0.2, unitSeconds: 0 },
  patientsPerSecond: 60,
  between: (step) => {
    if (step !== at) return
    if (milliseconds === '0') die()
    dying ??= sleep(Number(milliseconds)).then(die)
  },
})
await dying
