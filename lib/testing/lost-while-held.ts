import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { forgetCompareAndSwap } from './forget-compare-and-swap.ts'
import type { RotationUnderTest } from './rotate-for-test.ts'
import { workUnderRotation } from './work-under-rotation.ts'

/**
 * Cells whose last confirmed value is gone after a rotation that was stopped between reading and writing while people wrote:
 * none with the engine as it is (`comparing`), some without its one idea (`blindly`).
 * @throws Error when nothing comes to a stop, or nobody writes, within half a minute
 */
export async function lostWhileHeld(
  superuser: pg.Client,
  under: RotationUnderTest,
  how: 'comparing' | 'blindly',
): Promise<number> {
  const held = await forgetCompareAndSwap(superuser)
  const beginning = Promise.withResolvers<void>()
  const work = await workUnderRotation({
    patients: 1,
    rowsPerPatient: 2,
    readers: 1,
    after: beginning.promise,
  })
  const [patient = ''] = work.patients
  await held.hold()
  const rotation = under.rotate({ patient, statements: held[how] })
  try {
    await until(() => held.isWaiting(), 'the rotation does not come to its writing')
    // Every cell has been read by now, and none written: whoever writes one writes over what the rotation knows.
    beginning.resolve()
    await until(() => work.written() >= 8, 'nobody writes while the rotation waits')
  } finally {
    beginning.resolve()
    // Nobody writes again behind the rotation: what it wrote over stays so.
    await work.stop()
    await held.letGo()
    await rotation
  }
  return work.lostUpdates()
}

async function until(isSo: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (let left = 3_000; left > 0; left -= 1) {
    if (await isSo()) return
    await sleep(10)
  }
  throw new Error(otherwise)
}
