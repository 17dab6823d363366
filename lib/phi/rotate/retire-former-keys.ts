import 'server-only'

import type { DataKeyRotation } from '#lib/keys/data-key-rotation.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import type { FormerVersion, VersionName } from '#lib/keys/retire-data-keys.ts'
import { settle, type Waits } from '#lib/phi/reindex/settle.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { census } from './census.ts'
import { noteRotation } from './note-rotation.ts'
import { secretCensus } from './reseal-secrets.ts'
import { formerKeyWaits } from './rotate-data-keys.ts'

export type RetireOptions = {
  readonly store: DataKeyRotation
  readonly patient?: string | undefined
  /** destroys versions that have been disabled at least so long; none without it */
  readonly destroyAfterSeconds?: number | undefined
  readonly progress?: (what: string, done: number) => void
  /** how long a version must be out of use before it is disabled; shorter in tests */
  readonly waits?: Waits
}

/** What became of former versions, in numbers. */
export type RetireReport = {
  readonly disabled: number
  readonly destroyed: number
  /** cells still name them, so they stay as they are */
  readonly stillNamed: number
  /** too short a time in their state */
  readonly tooYoung: number
}

/**
 * Takes former versions out of use: one that no cell names any more is disabled (which can be undone), and one that has
 * been disabled long enough is destroyed (which cannot: nothing opens it again, in no backup either).
 *
 * Before the counting counts, a version must have been out of use so long that nobody can still be writing with it; and
 * after it was disabled it is counted once more, and put back should a cell name it after all.
 */
export async function retireFormerKeys(options: RetireOptions): Promise<RetireReport> {
  const { store, patient, progress } = options
  const report = { disabled: 0, destroyed: 0, stillNamed: 0, tooYoung: 0 }
  let seen = 0
  for (let after: string | null = null; ;) {
    const former: FormerVersion[] = await store.former(after, patient ?? null)
    if (former.length === 0) break
    after = former.at(-1)?.ownerId ?? null
    const done = await retirePage(options, former)
    for (const name of ['disabled', 'destroyed', 'stillNamed', 'tooYoung'] as const)
      report[name] += done[name]
    seen += former.length
    progress?.('Former versions looked at', seen)
  }
  const { disabled, destroyed } = report
  if (disabled + destroyed > 0) await noteRotation('DATA_KEYS_RETIRED', { disabled, destroyed })
  return report
}

async function retirePage(options: RetireOptions, former: readonly FormerVersion[]): Promise<RetireReport> {
  const { store, destroyAfterSeconds = Infinity, waits = formerKeyWaits } = options
  const settleSeconds = waits.heldSeconds + waits.unitSeconds
  // Whoever wrote with one of them while it could be written with has ended by now, or is waited for.
  await settle({ heldSeconds: 0, unitSeconds: 0 })
  const named = await namedVersions(former)
  const unnamed = former.filter((each) => !named.has(nameOf(each)))
  const due = unnamed.filter(
    ({ state, seconds }) => seconds >= (state === 'disabled' ? destroyAfterSeconds : settleSeconds),
  )
  const disabled = await store.move(inState(due, 'decrypt_only'), 'decrypt_only', 'disabled')
  const namedAfterAll = disabled.length === 0 ? new Set<string>() : await namedVersions(disabled)
  const back = disabled.filter((each) => namedAfterAll.has(nameOf(each)))
  if (back.length > 0) await store.move(back, 'disabled', 'decrypt_only')
  const destroyed = await store.move(inState(due, 'disabled'), 'disabled', 'destroyed')
  return {
    disabled: disabled.length - back.length,
    destroyed: destroyed.length,
    stillNamed: former.length - unnamed.length + back.length,
    tooYoung:
      unnamed.filter((each) => each.state === 'decrypt_only' || destroyAfterSeconds < Infinity).length -
      due.length,
  }
}

const inState = (versions: readonly FormerVersion[], state: FormerVersion['state']): FormerVersion[] =>
  versions.filter((each) => each.state === state)

const nameOf = ({ ownerId, version }: VersionName): string => `${ownerId} ${version}`

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Which of these owners' versions some cell names. */
async function namedVersions(versions: readonly VersionName[]): Promise<Set<string>> {
  const owners = [...new Set(versions.map((each) => each.ownerId))]
  const counted = await asService('key-rotation', async (actor) => [
    ...(await census(
      actor,
      owners.filter((owner) => uuid.test(owner)),
    )),
    ...(owners.includes(organisation) ? await secretCensus(actor) : []),
  ])
  return new Set(counted.map(({ patientId, version }) => nameOf({ ownerId: patientId, version })))
}
