import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { endPools } from '#lib/db/pools.ts'
import { NotConfigured } from '#lib/errors.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { openKeyStore } from '#lib/keys/open-key-store.ts'
import type { ProviderId } from '#lib/keys/open-provider.ts'
import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { outsideIds, outsideProviders, type OutsideProviders } from '#lib/testing/outside-providers.ts'
import { moveRoot } from './keys-rotate-root.ts'

/*
 * Keys on their way through all providers that this machine can have: every ordered pair once, while one process that was
 * there from the beginning reads and writes without a pause.
 */
const ids: readonly ProviderId[] = ['file', ...outsideIds]

/** A way through all of them that takes each step from one to another exactly once, and ends where it began. */
function everyStep(from: ProviderId): [ProviderId, ProviderId][] {
  const left = new Map(ids.map((id) => [id, ids.filter((other) => other !== id)]))
  const [trail, way]: [ProviderId[], ProviderId[]] = [[from], []]
  for (let at = trail.at(-1); at !== undefined; at = trail.at(-1)) {
    const next = left.get(at)?.pop()
    if (next === undefined) way.unshift(...trail.splice(-1))
    else trail.push(next)
  }
  return way.slice(1).map((to, step) => [way[step] ?? from, to])
}

const column = cellColumn('patient.family-name', 'string')
const rowOf = (owner: string) => rowAddress('11111111-1111-4111-8111-111111111111', owner)
const write = async (store: KeyStore, owner: string) =>
  [owner, sealCell(await store.dataKeyForWriting(owner), column, rowOf(owner), owner)] as const
async function read(store: KeyStore, [owner, cell]: readonly [string, string]): Promise<void> {
  const own = (await store.dataKeysFor([owner])).get(owner)
  if (!own || openCell(own, column, rowOf(owner), cell) !== owner) throw new Error('not what was written')
}

let outside: OutsideProviders
let under: KeyStoreUnderTest
let fromTheBeginning: KeyStore
const cells: (readonly [string, string])[] = []
beforeAll(async () => {
  outside = await outsideProviders()
  under = await keyStoreUnderTest({ settings: outside.settings })
  // Fresh for a moment only: most reads go to the provider.
  fromTheBeginning = await under.open({ freshSeconds: 0.02 })
  for (let patient = 0; patient < 20; patient += 1)
    cells.push(await write(fromTheBeginning, `patient-${patient}`))
})
afterAll(async () => {
  await under.close()
  await outside.close()
  await endPools()
})

const named = (keyProvider: ProviderId): KeySettings => ({ ...under.settings, keyProvider })
const standing = async () =>
  (await under.as('owner', `SELECT DISTINCT provider FROM keys.data_key WHERE wrapped IS NOT NULL`)).rows

describe('keys move between providers', () => {
  test('the way takes every step', () => {
    const steps = everyStep('file').map((step) => step.join(' → '))
    expect(new Set(steps).size).toBe(ids.length * (ids.length - 1))
    expect(steps).toHaveLength(ids.length * (ids.length - 1))
  })

  test.each(everyStep('file').map(([from, to]) => ({ from, to })))('$from → $to', async ({ from, to }) => {
    let done = false
    const met: unknown[] = []
    let reads = 0
    const working = (async () => {
      while (!done) {
        try {
          const fresh = await write(fromTheBeginning, `${from}-${to}-${reads}`)
          cells.push(fresh)
          for (const cell of [fresh, cells[reads % 20] ?? fresh]) await read(fromTheBeginning, cell)
          reads += 1
        } catch (error) {
          met.push(error)
        }
      }
    })()
    const source = await openKeySource(named(from))
    try {
      const moved = await moveRoot(to, source, named(from), { checkAfterSeconds: 0.2 })
      expect(moved).toMatchObject({ from, provider: to, refused: 0, left: [0, 0], closed: [from] })
      expect(moved.moved).toBeGreaterThanOrEqual(20)
      while (reads === 0 && met.length === 0) await sleep(5)
    } finally {
      done = true
      await working
      await source.close()
    }
    expect(met).toEqual([])
    expect(await standing()).toEqual([{ provider: to }])
    for (const cell of cells) await read(fromTheBeginning, cell)
    const later = await openKeyStore(named(to), defaultKeyLimits)
    try {
      for (const cell of cells) await read(later, cell)
      expect(await later.health()).toBe('ok')
    } finally {
      await later.close()
    }
    // Control: a start with the former name is refused, with what to do.
    await expect(openKeyStore(named(from), defaultKeyLimits)).rejects.toThrow(NotConfigured)
    await expect(openKeyStore(named(from), defaultKeyLimits)).rejects.toThrow(`KEY_PROVIDER=${to}`)
  })

  test.each(outsideIds)('a move to %s that is away moves nothing, and may be tried again', async (id) => {
    const repair = outside.breakDown(id, 'denial')
    const source = await openKeySource(named('file'))
    try {
      await expect(moveRoot(id, source, named('file'))).rejects.toThrow()
      expect(await standing()).toEqual([{ provider: 'file' }])
      for (const cell of cells.slice(0, 20)) await read(fromTheBeginning, cell)
    } finally {
      repair()
      await source.close()
    }
  })
})
