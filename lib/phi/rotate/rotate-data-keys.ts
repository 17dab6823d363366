import 'server-only'

import { setTimeout as sleep } from 'node:timers/promises'
import { now } from '#lib/clock.ts'
import type { Rotation } from '#lib/keys/begin-rotation.ts'
import type { DataKeyRotation } from '#lib/keys/data-key-rotation.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import { keyLeaseSeconds } from '#lib/keys/key-settings.ts'
import { settle, type Waits } from '#lib/phi/reindex/settle.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { census } from './census.ts'
import { listPatients } from './list-patients.ts'
import { noteRotation } from './note-rotation.ts'
import { ownerKeys, type KeyLack } from './owner-keys.ts'
import { oldCells, planLanes } from './plan-tasks.ts'
import { reportCells } from './report-cells.ts'
import { resealSecrets, secretCensus } from './reseal-secrets.ts'
import type { ResealStatements } from './reseal-unit.ts'
import { runTasks } from './run-tasks.ts'
import { throttle, type Throttle } from './throttle.ts'
import { nothing, plus, type Resealed, type UnreadableCell } from './types.ts'

/**
 * How long somebody may go on as if a key that was replaced were still the one to write with: a process for the length of
 * its lease, and a unit of work that got the key then for as long as its admission lives (audit.admitted_for_write).
 */
export const formerKeyWaits: Waits = { heldSeconds: keyLeaseSeconds, unitSeconds: 15 }

/**
 * How long a unit of the web process can last: an admission lives 15 seconds, the last statement sent within them 15 more, and a
 * transaction that then says nothing is ended after 10 (ALTER ROLE vigil_app, in the first migration).
 */
export const longestUnitSeconds = 40

export type RotationOptions = {
  readonly keys: KeyStore
  readonly store: DataKeyRotation
  /** one patient; everybody, and the organisation's own secrets, without it */
  readonly patient?: string | undefined
  /** begin a new rotation even though one is open */
  readonly anew?: boolean
  /** 0 for as many as can be */
  readonly cellsPerSecond: number
  readonly progress?: (what: string, done: number, total: number) => void
  /** between the two times that nothing is found left; shorter in tests, where no other process holds a key */
  readonly waits?: Waits
  /** only tests have others */
  readonly statements?: ResealStatements
}

/** What a rotation did, in numbers. */
export type RotationReport = {
  readonly continued: boolean
  readonly patients: number
  readonly newKeys: number
  readonly resealed: number
  /** from the first pass to the end of the first one that found nothing to do */
  readonly work: { readonly from: string; readonly to: string; readonly seconds: number }
  readonly passes: number
  /** cells on an older version, counted twice at the end; those that do not open */
  readonly onOldVersions: number
  readonly unreadable: readonly UnreadableCell[]
  /** patients who have no key to write with, by reason */
  readonly withoutKey: Readonly<Partial<Record<KeyLack, number>>>
}

type Scope = { readonly pages: readonly (readonly string[])[]; readonly secrets: boolean }

/**
 * Replaces data keys and re-encrypts everything under the new ones, while people work.
 *
 * Each owner gets a new key version once per rotation, however often it is interrupted: the key store knows which versions
 * are younger than the rotation. Everything else follows from the data: a pass counts, owner by owner, what is still on an
 * older version, and re-encrypts that, comparing and swapping. A cell that somebody changed in between is theirs, and comes
 * back in the next pass if they wrote it under an older key. It ends when two passes find nothing to do, so far apart that no
 * process can hold a former key as the active one, and no transaction that wrote with it can still be open.
 *
 * To be killed at any moment costs nothing but the unit under way, which leaves no trace; the next call goes on. Two at once
 * share the rotation and are in each other's way no more than readers and writers are.
 *
 * @throws KeysUnavailable, AuditUnavailable, and pg's errors; the rotation stays open and the next call goes on
 */
export async function rotateDataKeys(options: RotationOptions): Promise<RotationReport> {
  const { store, patient, anew = false, waits = formerKeyWaits } = options
  const rotation = await store.begin(patient ?? null, anew)
  if (!rotation.continued) await noteRotation('DATA_KEY_ROTATION_STARTED', scopeOf(rotation))
  const pages = patient === undefined ? await inService((actor) => listPatients(actor)) : [[patient]]
  const scope: Scope = { pages, secrets: patient === undefined }
  const newKeys = await renew(options, rotation, scope)
  const { old, total } = await countAll(options, scope)
  const progress = counter(options, total - old, total)
  const pacing = throttle(options.cellsPerSecond)
  const passes: Pass[] = []
  const from = now()
  const started = performance.now()
  let work: RotationReport['work'] | undefined
  const passAgain = async () => {
    const done = await pass(options, scope, pacing, progress, passes.length === 0)
    passes.push(done)
    return isQuiet(done)
  }
  for (;;) {
    if (!(await passAgain())) continue
    const seconds = (performance.now() - started) / 1000
    work ??= { from: from.toISOString(), to: now().toISOString(), seconds }
    options.progress?.('Waiting until nobody can hold a former key', total, total)
    await settle(waits, () =>
      options.progress?.('Waiting for a transaction that somebody left open', total, total),
    )
    if (await passAgain()) break
  }
  await store.end(rotation)
  const last = passes.at(-1)
  const report: RotationReport = {
    continued: rotation.continued,
    patients: pages.reduce((count, page) => count + page.length, 0),
    newKeys,
    resealed: passes.reduce((count, done) => count + done.cells, 0),
    work,
    passes: passes.length,
    onOldVersions: last?.unreadable.length ?? 0,
    unreadable: last?.unreadable ?? [],
    withoutKey: last?.withoutKey ?? {},
  }
  const { newKeys: keys, resealed, onOldVersions } = report
  await noteRotation('DATA_KEY_ROTATION_ENDED', { ...scopeOf(rotation), keys, resealed, left: onOldVersions })
  return report
}

type Pass = Resealed & { readonly withoutKey: Partial<Record<KeyLack, number>> }

/** Nothing was to be done but what cannot be done. */
const isQuiet = ({ cells, contended }: Pass): boolean => cells === 0 && contended === 0

const inService = <T>(work: Parameters<typeof asService<T>>[1]): Promise<T> => asService('key-rotation', work)

const scopeOf = ({ ownerId }: Rotation): { scope: string; patient_id?: string } =>
  ownerId === null ? { scope: 'all' } : { scope: 'patient', patient_id: ownerId }

async function renew(
  { store, progress }: RotationOptions,
  rotation: Rotation,
  scope: Scope,
): Promise<number> {
  let made = scope.secrets ? await store.renew(rotation, [organisation]) : 0
  for (const [at, page] of scope.pages.entries()) {
    made += await store.renew(rotation, page)
    progress?.('Making new keys', at + 1, scope.pages.length)
  }
  return made
}

/** Counts once what there is and what is old, for whoever watches. */
async function countAll({ keys }: RotationOptions, scope: Scope): Promise<{ old: number; total: number }> {
  return inService(async (actor) => {
    let [old, total] = [0, 0]
    for (const page of scope.pages) {
      const counted = await census(actor, page)
      const { active } = await ownerKeys(keys, page)
      total += sum(counted)
      old += sum(oldCells(counted, active))
    }
    return { old, total }
  })
}

const sum = (rows: readonly { cells: number }[]): number =>
  rows.reduce((count, { cells }) => count + cells, 0)

/** Looks at everything once, and re-encrypts what is old. A session for each page: none is open longer than it may be. */
async function pass(
  options: RotationOptions,
  scope: Scope,
  pacing: Throttle,
  progress: (cells: number) => void,
  isFirst: boolean,
): Promise<Pass> {
  const { keys, statements } = options
  const withoutKey: Partial<Record<KeyLack, number>> = {}
  let done = nothing
  for (const page of scope.pages) {
    const { active, without } = await ownerKeys(keys, page)
    for (const lack of without.values()) withoutKey[lack] = (withoutKey[lack] ?? 0) + 1
    const run = await inService(async (actor) => {
      const old = oldCells(await census(actor, page), active)
      if (old.length === 0) return nothing
      const tasks = planLanes(old, pacing)
      const outcome = await runTasks(actor, tasks, { keys, throttle: pacing, advanced: progress, statements })
      if (isFirst) await reportCells(actor, outcome.unreadable)
      return outcome
    })
    done = plus(done, run)
  }
  if (scope.secrets) done = plus(done, await inService((actor) => passOverSecrets(actor, options)))
  // Whoever is writing there will have written soon.
  if (done.cells === 0 && done.contended > 0) await sleep(100)
  return { ...done, withoutKey }
}

async function passOverSecrets(
  actor: Parameters<typeof secretCensus>[0],
  { keys }: RotationOptions,
): Promise<Resealed> {
  const { active } = await ownerKeys(keys, [organisation])
  return oldCells(await secretCensus(actor), active).length === 0 ? nothing : resealSecrets(actor, keys)
}

function counter({ progress }: RotationOptions, from: number, total: number): (cells: number) => void {
  let done = from
  return (cells) => {
    done = Math.min(done + cells, total)
    progress?.('Re-encrypting', done, total)
  }
}
