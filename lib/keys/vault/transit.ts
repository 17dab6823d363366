import 'server-only'
import { z } from 'zod'

import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import type { VaultAnswer, VaultClient } from './vault-client.ts'

/** What transit tells of a key (GET keys/:name). Versions below `min_decryption_version` do not decrypt. */
const policy = z.object({
  type: z.string(),
  derived: z.boolean(),
  exportable: z.boolean(),
  allow_plaintext_backup: z.boolean(),
  latest_version: z.int(),
  min_available_version: z.int(),
  min_decryption_version: z.int(),
  min_encryption_version: z.int(),
})
export type TransitKey = z.infer<typeof policy>

/** One item of a batch, as transit takes it; `context` derives a key of its own for each item. */
export type TransitItem = { context: string } & (
  { plaintext: string; key_version: number } | { ciphertext: string; key_version?: number }
)

const results = z.object({
  batch_results: z.array(
    z.object({
      plaintext: z.string().optional(),
      ciphertext: z.string().optional(),
      error: z.string().default(''),
    }),
  ),
})
export type TransitResult = z.infer<typeof results>['batch_results'][number]

/** The text of transit for a version below the key's min_decryption_version (sdk/helper/keysutil, ErrTooOld). */
export const tooOld = 'disallowed by policy (too old)'
/** Go's text for a tag that does not fit; rewrap answers 500 with it, for the whole batch. */
const notAuthentic = 'message authentication failed'

export type Transit = {
  /** undefined when there is no such key */
  read(signal: AbortSignal): Promise<TransitKey | undefined>
  create(signal: AbortSignal): Promise<void>
  rotate(signal: AbortSignal): Promise<void>
  configure(
    change: { min_decryption_version?: number; min_encryption_version?: number },
    signal: AbortSignal,
  ): Promise<void>
  trim(minAvailableVersion: number, signal: AbortSignal): Promise<void>
  /** In the order given. An item that does not go through has its `error`; the others are not affected. */
  batch(
    verb: 'encrypt' | 'decrypt' | 'rewrap',
    items: readonly TransitItem[],
    signal: AbortSignal,
  ): Promise<TransitResult[]>
}

/** The few calls of the transit engine that a key provider needs (https://openbao.org/api-docs/secret/transit/). */
export function transitKey(client: VaultClient, { mount, key }: { mount: string; key: string }): Transit {
  const keyPath = `${mount}/keys/${encodeURIComponent(key)}`

  async function change(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    const answer = await client.send('POST', path, body, signal)
    if (answer.status !== 200 && answer.status !== 204) throw unexpected(answer)
  }

  async function batch(
    verb: 'encrypt' | 'decrypt' | 'rewrap',
    items: readonly TransitItem[],
    signal: AbortSignal,
  ): Promise<TransitResult[]> {
    const path = `${mount}/${verb}/${encodeURIComponent(key)}`
    const answer = await client.send('POST', path, { batch_input: items }, signal)
    const parsed = results.safeParse(answer.data)
    if (parsed.success && parsed.data.batch_results.length === items.length) {
      // 500 with results: something inside Vault failed, which says nothing about the keys.
      if (answer.status === 500) throw unexpected(answer)
      return parsed.data.batch_results
    }
    const oneIsForged = answer.status === 500 && answer.errors.some((text) => text.includes(notAuthentic))
    if (verb !== 'rewrap' || !oneIsForged) throw unexpected(answer)
    if (items.length === 1) return [{ error: notAuthentic }]
    const half = Math.ceil(items.length / 2)
    return [
      ...(await batch(verb, items.slice(0, half), signal)),
      ...(await batch(verb, items.slice(half), signal)),
    ]
  }

  return {
    async read(signal) {
      const answer = await client.send('GET', keyPath, undefined, signal)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw unexpected(answer)
      const parsed = policy.safeParse(answer.data)
      if (!parsed.success) throw new ProviderOutage('Vault describes its key in a form that is not known.')
      return parsed.data
    },
    create: (signal) => change(keyPath, { type: 'aes256-gcm96', derived: true }, signal),
    rotate: (signal) => change(`${keyPath}/rotate`, {}, signal),
    configure: (settings, signal) => change(`${keyPath}/config`, settings, signal),
    trim: (version, signal) => change(`${keyPath}/trim`, { min_available_version: version }, signal),
    batch,
  }
}

/** Only what Vault may be expected to say is told apart; its texts are not repeated, they may hold what was sent. */
function unexpected({ status }: VaultAnswer): Error {
  if (status === 500) return new ProviderOutage('Vault has failed inside (status 500).')
  if (status === 404) return new ProviderDenial('Vault knows no such key or no such mount.')
  if (status === 400)
    return new ProviderDenial(
      'Vault does not accept this for its key: it may have been deleted or exchanged.',
    )
  return new ProviderOutage(`Vault answers in a form that is not known (status ${status}).`)
}
