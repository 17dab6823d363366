import 'server-only'

import type { KeyObject } from 'node:crypto'
import { cellDigestKey } from '#lib/crypto/cell-digest.ts'
import type { DataKey } from '#lib/crypto/data-keys.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import type { Model } from './registry.ts'
import type { Unit } from './unit.ts'

/** Arguments of a Prisma call, or a part of them. */
export type Args = Readonly<Record<string, unknown>>

/** A row as Prisma returns it. */
export type Row = Record<string, unknown>

/** Prisma's client without this layer, for reads of ids and owners inside an operation. */
export type BaseClient = {
  readonly [delegate: string]: { readonly [operation: string]: (args: Args) => Promise<unknown> }
}

/** What one operation works with. Made anew for each, so nothing of one call reaches another. */
export class OperationContext {
  readonly unit: Unit
  readonly base: BaseClient
  readonly #keys: () => Promise<KeyStore>
  readonly #sealing = new Map<string, DataKey>()
  #digestKey: KeyObject | undefined

  constructor(unit: Unit, base: BaseClient, keys: () => Promise<KeyStore>) {
    this.unit = unit
    this.base = base
    this.#keys = keys
  }

  keys(): Promise<KeyStore> {
    return this.#keys()
  }

  async indexKeys(): Promise<IndexKeys> {
    return (await this.#keys()).indexKeys()
  }

  /** The key of digests in the trail. */
  async cellDigestKey(): Promise<KeyObject> {
    this.#digestKey ??= cellDigestKey(await (await this.#keys()).identityKey())
    return this.#digestKey
  }

  /** Fetches the keys of many owners at once, before a batch is sealed. */
  async prepareSealing(owners: Iterable<string>): Promise<void> {
    const missing = [...new Set(owners)].filter((owner) => !this.#sealing.has(owner))
    if (missing.length === 0) return
    const found = await (await this.#keys()).dataKeysForWriting(missing)
    for (const [owner, key] of found) this.#sealing.set(owner, key)
  }

  /** The key to seal with for a patient. */
  async sealingKey(owner: string): Promise<DataKey> {
    const ready = this.#sealing.get(owner)
    if (ready) return ready
    const key = await (await this.#keys()).dataKeyForWriting(owner)
    this.#sealing.set(owner, key)
    return key
  }

  /** Calls an operation of a model without this layer. */
  call(model: Model, operation: string, args: Args): Promise<unknown> {
    const run = this.base[model.delegate]?.[operation]
    if (!run) throw new Error(`Prisma has no ${model.delegate}.${operation}`)
    return run(args)
  }
}
