import { env } from '#lib/env.ts'
import { indexRoots, type IndexRoots } from '#lib/keys/index-roots.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import {
  rotateIndexRoot,
  type IndexRotationOptions,
  type IndexRotationReport,
} from '#lib/ops/keys/rotate-index-root.ts'

/** Runs work on the versions of the index key, as the operator's verb does. */
export async function withIndexRoots<T>(work: (roots: IndexRoots) => Promise<T>): Promise<T> {
  const source = await openKeySource(env)
  try {
    return await work(indexRoots(source))
  } finally {
    await source.close()
  }
}

/**
 * Replaces the index key as the verb does, with waits that are long enough for a single process, which hears of changes at once
 * and has no unit of work that lasts.
 */
export const replaceIndexKey = (given: Partial<IndexRotationOptions> = {}): Promise<IndexRotationReport> =>
  withIndexRoots(async (roots) =>
    rotateIndexRoot({
      keys: await processKeyStore(),
      roots,
      patientsPerSecond: 0,
      waits: { heldSeconds: 0.05, unitSeconds: 0 },
      ...given,
    }),
  )
