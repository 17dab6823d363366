import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KeyProvider } from '#lib/keys/key-provider.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic } from './clinic.ts'
import { comparison, type Pair } from './rounds.ts'

export const name = 'cold-list'

const [listed, rounds, milliseconds] = [50, 40, 2]

/**
 * A list of 50 patients in a process that holds no key yet, whose root keys are 2 ms away: how often the provider is asked, and what
 * it costs against the same list with the keys at hand. Admission, unit of work, decryption and the list itself are the product's own.
 */
export function run(): Promise<BenchRow[]> {
  return withBenchClinic(async () => {
    const { env } = await import('#lib/env.ts')
    const { openFileProvider } = await import('#lib/keys/file/file-provider.ts')
    const { keyringRecord } = await import('#lib/keys/keyring-record.ts')
    const { defaultKeyLimits } = await import('#lib/keys/key-settings.ts')
    const { openKeyPool } = await import('#lib/keys/open-key-pool.ts')
    const { openKeyStore } = await import('#lib/keys/open-key-store.ts')
    const { prismaClient } = await import('#lib/db/prisma-client.ts')
    const { withEncryption } = await import('#lib/phi/extension.ts')
    const { asService } = await import('#lib/phi/service-actor.ts')
    const { withRecord } = await import('#lib/phi/with-record.ts')
    const pool = openKeyPool(env, defaultKeyLimits)
    const provider = farAway(await openFileProvider(env, keyringRecord(pool, 'file')))
    const store = await openKeyStore(env, defaultKeyLimits, provider)
    const client = withEncryption(prismaClient(), () => Promise.resolve(store))
    try {
      return await asService('import', async (actor) => {
        const patients = Array.from({ length: listed }, () => randomUUID())
        for (const id of patients) {
          const access = { view: 'import', action: 'CREATE', patients: [id] } as const
          await withRecord(actor, access, (record) =>
            record.patient.create({
              data: { id, familyName: 'Example', givenName: 'Listed' },
              select: { id: true },
            }),
          )
        }
        const list = async (): Promise<number> => {
          const start = performance.now()
          const access = { view: 'import', action: 'READ', patients } as const
          const outcome = await withRecord(actor, access, () =>
            client.patient.findMany({ take: listed, select: { familyName: true, givenName: true } }),
          )
          if (
            outcome.kind === 'denied' ||
            outcome.value.length !== listed ||
            outcome.value[0]?.familyName !== 'Example'
          )
            throw new Error('the list is not the list')
          return performance.now() - start
        }
        const pair: Pair = { figures: [], floors: [] }
        let most = 0
        await list()
        for (let round = 0; round < rounds; round += 1) {
          pair.floors.push(await list())
          store.dropCachedKeys()
          const before = provider.calls
          pair.figures.push(await list())
          most = Math.max(most, provider.calls - before)
        }
        return [
          {
            what: `a list of ${listed} patients, cold, ${milliseconds} ms from the provider: calls of it, at most`,
            unit: 'calls',
            median: most,
            spread: 0,
            bar: '≤ 1',
            ok: most <= 1,
          },
          comparison('the same list, cold against warm', 'ms', pair),
        ]
      })
    } finally {
      await store.close()
      await pool.end()
    }
  })
}

/** A provider at a distance that counts what it is asked for. */
function farAway(provider: KeyProvider): KeyProvider & { calls: number } {
  const far = { ...provider, calls: 0 }
  far.unwrap = async (...given) => {
    far.calls += 1
    await sleep(milliseconds)
    return provider.unwrap(...given)
  }
  return far
}
