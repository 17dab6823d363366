import { env } from '#lib/env.ts'
import { dataKeyRotation, type DataKeyRotation } from '#lib/keys/data-key-rotation.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { census } from '#lib/phi/rotate/census.ts'
import { asService } from '#lib/phi/service-actor.ts'
import {
  rotateDataKeys,
  type RotationOptions,
  type RotationReport,
} from '#lib/phi/rotate/rotate-data-keys.ts'

/** Rotation of data keys in a test's own process, as the operator's verb does it in one of its own. */
export type RotationUnderTest = {
  readonly store: DataKeyRotation
  /** as fast as it can, and without waiting between the two counts: no other process holds a key */
  rotate(options?: Partial<RotationOptions>): Promise<RotationReport>
  close(): Promise<void>
}

export async function rotationUnderTest(): Promise<RotationUnderTest> {
  const source = await openKeySource(env)
  const store = dataKeyRotation(source, (owner) => {
    void processKeyStore().then((keys) => {
      keys.dropCachedKeys(owner)
    })
  })
  return {
    store,
    rotate: async (options = {}) =>
      rotateDataKeys({
        keys: await processKeyStore(),
        store,
        cellsPerSecond: 0,
        waits: { heldSeconds: 0, unitSeconds: 0 },
        ...options,
      }),
    close: () => source.close(),
  }
}

/** How many cells of a patient name which key version. */
export const cellVersions = (patient: string): Promise<Record<number, number>> => cellVersionsOf([patient])

/** How many cells of these patients together name which key version. */
export async function cellVersionsOf(patients: readonly string[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  const counted = await asService('key-rotation', (actor) => census(actor, patients))
  for (const { version, cells } of counted) counts[version] = (counts[version] ?? 0) + cells
  return counts
}
