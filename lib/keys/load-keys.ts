import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { DataKey, DataKeys, keyStates, type ClosedState, type KeyState } from '#lib/crypto/data-keys.ts'
import type { KeyContext } from '#lib/crypto/key-context.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { keyContextFor } from './key-context-for.ts'
import type { KeyringDescription } from './key-provider.ts'
import type { KeyProviders } from './key-providers.ts'
import { unwrapByProvider } from './unwrap-by-provider.ts'

/** Where keys come from: the rows of the key store, and who opens them. */
export type KeySource = {
  readonly database: Pool
  readonly providers: KeyProviders
  /** what every key of this installation is bound to, whichever provider wraps it */
  readonly keyring: Pick<KeyringDescription, 'id' | 'environment'>
}

/** One version as it came out of the store: its key, or why there is none. */
export type LoadedVersion = {
  readonly version: number
  readonly state: KeyState
  readonly encryptions: number
  readonly key: SecretKey | undefined
  readonly closed: ClosedState | undefined
}

const stored = z.object({
  owner_id: z.string(),
  version: z.int(),
  state: z.enum(keyStates),
  provider: z.string(),
  kek_version: z.int(),
  wrapped: z.instanceof(Uint8Array).nullable(),
  // Far below 2^53: the application stops at 2^31.
  encryptions: z.coerce.number(),
})

/** States whose bytes are asked for at all. A disabled key is not even unwrapped. */
const usable: ReadonlySet<KeyState> = new Set(['pending', 'active', 'decrypt_only'])

/**
 * Every version of the keys of some owners, with one statement and one call of the provider (of each of the two while keys
 * move from one to the other).
 */
export async function loadVersions(
  source: KeySource,
  purpose: KeyContext['purpose'],
  owners: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, LoadedVersion[]>> {
  const result = await source.database.query(
    `SELECT owner_id, version, state, provider, kek_version, wrapped, encryptions
       FROM keys.data_key WHERE purpose = $1 AND owner_id = ANY ($2) ORDER BY owner_id, version`,
    [purpose, owners],
  )
  const rows = z.array(stored).parse(result.rows)
  const wrapped = rows.flatMap((row) =>
    row.wrapped === null || !usable.has(row.state)
      ? []
      : [
          {
            row,
            wrapped: { provider: row.provider, version: row.kek_version, blob: new Uint8Array(row.wrapped) },
          },
        ],
  )
  const batch = wrapped.map((each) => ({
    wrapped: each.wrapped,
    context: keyContextFor(source.keyring, purpose, each.row.owner_id, each.row.version),
  }))
  const keys = batch.length === 0 ? [] : await unwrapByProvider(source.providers, batch, signal)
  const answers = new Map(wrapped.map((each, index) => [each.row, keys[index]]))
  const byOwner = new Map<string, LoadedVersion[]>()
  for (const row of rows) {
    const answer = answers.get(row)
    const { version, state, encryptions } = row
    const loaded: LoadedVersion =
      answer === undefined
        ? { version, state, encryptions, key: undefined, closed: usable.has(state) ? 'unreadable' : state }
        : 'refused' in answer
          ? { version, state, encryptions, key: undefined, closed: answer.refused }
          : { version, state, encryptions, key: answer, closed: undefined }
    const list = byOwner.get(row.owner_id)
    if (list) list.push(loaded)
    else byOwner.set(row.owner_id, [loaded])
  }
  return byOwner
}

/** The data keys of some owners; one who has none is missing. */
export async function loadDataKeys(
  source: KeySource,
  owners: readonly string[],
  limit: number,
  signal: AbortSignal,
): Promise<Map<string, DataKeys>> {
  const byOwner = await loadVersions(source, 'data-key', owners, signal)
  return new Map([...byOwner].map(([owner, versions]) => [owner, toDataKeys(owner, versions, limit)]))
}

function toDataKeys(ownerId: string, versions: readonly LoadedVersion[], limit: number): DataKeys {
  const keys: DataKey[] = []
  const closed = new Map<number, ClosedState>()
  for (const { version, state, encryptions, key, closed: reason } of versions) {
    if (key) keys.push(new DataKey({ ownerId, version, state, key, encryptions, limit }))
    else closed.set(version, reason ?? 'unreadable')
  }
  return new DataKeys(ownerId, keys, closed)
}
