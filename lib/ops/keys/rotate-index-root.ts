import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { IndexRoot, IndexRoots } from '#lib/keys/index-roots.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { settle, waitsOf, type Waits } from '#lib/phi/reindex/settle.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { deadVersions, indexStep, type IndexStep } from './index-step.ts'
import { countLeft, renewUntilNothingIsLeft, type Left } from './renew-index.ts'

export type IndexRotationOptions = {
  readonly keys: KeyStore
  readonly roots: IndexRoots
  /** 0 for as many as can be */
  readonly patientsPerSecond: number
  readonly progress?: (what: string, done: number, total: number) => void
  /** shorter in tests, in which every process hears of changes at once and no unit of work lasts */
  readonly waits?: Waits
  /** tests stop here: between two steps, at a moment at which a process may be killed */
  readonly between?: (step: IndexStep['kind'] | 'done') => Promise<void> | void
}

/** What became of it. The counts of what is left on the former version were taken twice, further apart than anybody can lag. */
export type IndexRotationReport = {
  readonly continued: boolean
  readonly former: number
  readonly active: number
  readonly patients: number
  readonly accounts: number
  readonly onFormerVersion: number
}

/**
 * Replaces the root of the blind indexes while people work.
 *
 * 1. begin: a next version is made, `pending`. Every process stores tokens under both from when it hears of it.
 * 2. fill: values from before get tokens under the next version. When none is missing, twice, the second time after nobody can be
 *    left who does not store them, the next version becomes `active`: values are looked up by it. Whoever still looks up by the
 *    former one finds everything too, since both are stored by all.
 * 3. former: codes, which have one token, are put under it. When none is missing, twice, the second time after nobody can be left
 *    who looks up by the former version, that is `disabled`: processes stop storing it as they hear of it.
 * 4. remove: its tokens are taken away. When none is found, twice, the second time after nobody can be left who stores them, it is
 *    `destroyed`.
 *
 * Which of these comes next follows from the states of the versions, and what is left to do from the data, so that a process
 * killed at any moment costs nothing but the unit under way, and the next call goes on. Two at once do each step once or twice,
 * with the same result.
 *
 * Where tokens are missing under the version that values are looked up by (a backup from before the last replacement was
 * restored), they are made first.
 *
 * @throws Refused when values do not open that would be found no longer; KeysUnavailable, AuditUnavailable, and pg's errors
 */
export async function rotateIndexRoot(options: IndexRotationOptions): Promise<IndexRotationReport> {
  const { roots, between = () => undefined } = options
  const waits = options.waits ?? waitsOf()
  const first = indexStep(await roots.read())
  const former = first.kind === 'begin' ? first.active : first.former
  const continued = first.kind !== 'begin'
  const sum = { patients: 0, accounts: 0 }
  for (;;) {
    const present = await roots.read()
    const step = indexStep(present)
    // The version that was to be replaced is gone: by this call, or by another that was faster.
    if (present.find((root) => root.version === former)?.state === 'destroyed') {
      await between('done')
      const active = step.kind === 'begin' ? step.active : step.next
      const { missing, dead } = await countLeft({ version: active, codes: true, dead: deadVersions(present) })
      const report = { continued, former, active, ...sum, onFormerVersion: missing + dead }
      await note('INDEX_ROTATION_ENDED', { former, active, ...sum })
      return report
    }
    await between(step.kind)
    const done = await take(options, waits, present, step)
    sum.patients += done.patients
    sum.accounts += done.accounts
  }
}

type Done = { patients: number; accounts: number }

async function take(
  options: IndexRotationOptions,
  waits: Waits,
  present: readonly IndexRoot[],
  step: IndexStep,
): Promise<Done> {
  const { roots, keys, progress = () => undefined } = options
  // Nothing is done with roots that were read before the states that are acted on.
  keys.dropCachedKeys()
  const left: Left = {
    version: step.kind === 'begin' ? step.active : step.next,
    codes: step.kind !== 'fill',
    dead: step.kind === 'remove' || step.kind === 'begin' ? deadVersions(present) : [],
  }
  const goesOn = async () => same(await roots.read(), present)
  const renew = () => renewUntilNothingIsLeft(options, left, goesOn)
  if (step.kind === 'begin') {
    const done = await renew()
    await roots.makeNext(step.active)
    const now = await roots.read()
    if (same(now, present)) throw new Error('the next version of the index key was not made')
    if (indexStep(now).kind === 'fill') await note('INDEX_ROTATION_STARTED', { former: step.active })
    return done
  }
  const done = await renew()
  // From here on nobody acts on the states before these. Whoever did while the values were gone through is seen in the second
  // count, which decides; so the waiting comes after that and not before it as well.
  progress('Waiting until every process knows', 0, 1)
  await settle(waits, () => {
    progress('Waiting for a transaction to end', 0, 1)
  })
  const { missing, dead } = await countLeft(left)
  // Somebody was faster, or not yet done when it was counted first: the loop begins this step, or the next, anew.
  if (missing + dead > 0 || !(await goesOn())) return done
  if (step.kind === 'fill') await roots.flip(step.former, step.next)
  else await roots.retire(step.former, step.kind === 'former' ? 'disabled' : 'destroyed')
  return done
}

const same = (one: readonly IndexRoot[], other: readonly IndexRoot[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** Writes down that a replacement began or ended: versions and numbers, never a value. */
async function note(
  event: 'INDEX_ROTATION_STARTED' | 'INDEX_ROTATION_ENDED',
  detail: Readonly<Record<string, number>>,
): Promise<void> {
  await asService('search-index', (actor) =>
    appQuery('SELECT app.note_index_rotation($1, $2, $3::jsonb)', [actor.sessionToken, event, JSON.stringify(detail)], 'worker'),
  ) // prettier-ignore
}
