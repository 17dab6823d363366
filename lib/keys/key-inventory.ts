import 'server-only'
import { z } from 'zod'

import type { KeyState } from '#lib/crypto/data-keys.ts'
import { NotConfigured } from '#lib/errors.ts'
import { readKeyringStates } from './keyring-states.ts'
import { keysUnder } from './keys-under.ts'
import { listKeyVersions } from './list-key-versions.ts'
import type { KeySource } from './load-keys.ts'
import { organisation } from './read-root-keys.ts'

/** Which keys there are, how old, and how far a renewal is: versions, times and counts, never a key and never an owner. */
export type KeyInventory = {
  readonly provider: string
  readonly serial: number
  /** when anything about keys last changed */
  readonly changedAt: Date | null
  /** when the keyring was made, which is when its oldest version was */
  readonly keyringMadeAt: Date | null
  readonly keyEncryptionKey: {
    readonly version: number
    readonly madeAt: Date
    readonly keys: number
    /** keys still wrapped under a former version, or by a provider that is being left */
    readonly keysElsewhere: number
  } | null
  readonly dataKeys: {
    readonly active: number
    readonly oldestMadeAt: Date | null
    /** active keys that were made before the given time */
    readonly overdue: number
    /** owners whose values may still lie under a former version */
    readonly ownersWithFormer: number
  }
  readonly indexKeys: readonly { readonly version: number; readonly state: KeyState; readonly madeAt: Date }[]
}

const dataKeyRow = z.object({
  active: z.coerce.number(),
  oldest: z.date().nullable(),
  overdue: z.coerce.number(),
  former: z.coerce.number(),
})
const eventRow = z.object({ changed_at: z.date().nullable() })

/**
 * Reads the inventory from the key store and the current provider.
 * @param madeBefore active data keys from before it are counted as overdue
 * @throws NotConfigured, ProviderOutage, ProviderDenial, and the driver's errors
 */
export async function readKeyInventory(
  source: KeySource,
  madeBefore: Date,
  signal: AbortSignal,
): Promise<KeyInventory> {
  const states = await readKeyringStates(source.database)
  const current = states.find((each) => each.standing === 'current')
  if (!current) throw new NotConfigured('The key store was never initialised.')
  const provider = await source.providers.current(signal)
  const keyring = await provider.describe(signal)
  const active = keyring.versions.find((each) => each.state === 'active')
  const under = await keysUnder(source.database)
  const isHere = (each: { provider: string; version: number }): boolean =>
    each.provider === current.provider && each.version === active?.version
  const total = (some: typeof under): number => some.reduce((sum, each) => sum + each.keys, 0)
  const roots = await listKeyVersions(source.database, 'index-root', '', 1)
  const made = keyring.versions.map((each) => each.createdAt).toSorted()
  return {
    provider: current.provider,
    serial: Math.max(current.serial, keyring.serial),
    changedAt: await lastChange(source),
    keyringMadeAt: made[0] === undefined ? null : new Date(made[0]),
    keyEncryptionKey: active
      ? {
          version: active.version,
          madeAt: new Date(active.createdAt),
          keys: total(under),
          keysElsewhere: total(under.filter((each) => !isHere(each))),
        }
      : null,
    dataKeys: await countDataKeys(source, madeBefore),
    indexKeys: roots
      .filter((each) => each.ownerId === organisation)
      .map(({ version, state, createdAt }) => ({ version, state, madeAt: createdAt })),
  }
}

async function countDataKeys(source: KeySource, madeBefore: Date): Promise<KeyInventory['dataKeys']> {
  const { rows } = await source.database.query(
    `SELECT count(*) FILTER (WHERE state = 'active') AS active,
            min(created_at) FILTER (WHERE state = 'active') AS oldest,
            count(*) FILTER (WHERE state = 'active' AND created_at < $1) AS overdue,
            count(DISTINCT owner_id) FILTER (WHERE state = 'decrypt_only') AS former
       FROM keys.data_key WHERE purpose = 'data-key'`,
    [madeBefore],
  )
  const [row] = z.array(dataKeyRow).parse(rows)
  return {
    active: row?.active ?? 0,
    oldestMadeAt: row?.oldest ?? null,
    overdue: row?.overdue ?? 0,
    ownersWithFormer: row?.former ?? 0,
  }
}

async function lastChange(source: KeySource): Promise<Date | null> {
  const { rows } = await source.database.query(
    'SELECT happened_at AS changed_at FROM keys.key_event ORDER BY id DESC LIMIT 1',
  )
  return z.array(eventRow).parse(rows)[0]?.changed_at ?? null
}
