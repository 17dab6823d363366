import 'server-only'
import type { Pool } from 'pg'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import { NotConfigured, Refused } from '#lib/errors.ts'
import { inTransaction } from './in-transaction.ts'
import { keyContextFor } from './key-context-for.ts'
import type { KeyProvider } from './key-provider.ts'
import type { KeySettings } from './key-settings.ts'
import { readKeyringStates } from './keyring-states.ts'
import type { KeySource } from './load-keys.ts'
import type { Target } from './rewrap-keys.ts'
import { providerEntry, type ProviderId } from './open-provider.ts'
import { processesWithout } from './serving-processes.ts'
import { setUpProvider } from './set-up-provider.ts'

/**
 * Makes another provider the one that wraps: sets its keyring up, has it wrap and unwrap, and names it the current one. From
 * then on new keys are wrapped by it, and the keys that are there can be carried over (moveKeys). May be called again after
 * a kill; and with the former provider, to turn back.
 * @throws Refused when nothing is to be done, or a running process could not open the other provider; NotConfigured
 */
export async function beginMove(
  to: ProviderId,
  settings: KeySettings,
  source: KeySource,
  signal: AbortSignal,
): Promise<Target & { readonly from: string; readonly continued: boolean }> {
  const states = await readKeyringStates(source.database)
  const current = states.find((each) => each.standing === 'current')
  const leaving = states.find((each) => each.standing === 'leaving')
  const continued = current?.provider === to
  if (continued && !leaving) throw new Refused(`The keys are with ${to} already.`)
  const lacking = providerEntry(to).missing(settings)
  if (lacking !== undefined) throw new NotConfigured(lacking)
  const { without } = await processesWithout(source.database, to)
  if (without > 0)
    throw new Refused(
      `${without} running process${without === 1 ? '' : 'es'} of Vigil could not open keys of ${to}: give every process its settings, restart it, and call this again.`,
    )
  const provider = await setUpProvider(to, settings, source.database, signal)
  await prove(provider, source, signal)
  if (!continued) await makeCurrent(source.database, to)
  const { versions } = await provider.describe(signal)
  const version = versions.find((each) => each.state === 'active')?.version ?? 1
  return { provider, version, from: (continued ? leaving : current)?.provider ?? '', continued }
}

/** A key that is thrown away goes in and has to come out again, before anything depends on it. */
async function prove(provider: KeyProvider, source: KeySource, signal: AbortSignal): Promise<void> {
  const context = keyContextFor(source.keyring, 'data-key', 'vigil:proof', 1)
  const [wrapped] = await provider.wrap([{ key: SecretKey.random(), context }], signal)
  const [key] = wrapped ? await provider.unwrap([{ wrapped, context }], signal) : []
  if (!key || 'refused' in key)
    throw new Refused(`${provider.id} does not give back what it wrapped: nothing was moved.`)
}

async function makeCurrent(database: Pool, to: string): Promise<void> {
  await inTransaction(database, async (client) => {
    await client.query(
      `UPDATE keys.keyring_state SET standing = 'leaving', updated_at = clock_timestamp() WHERE standing = 'current' AND provider <> $1`,
      [to],
    )
    await client.query(
      `UPDATE keys.keyring_state SET standing = 'current', updated_at = clock_timestamp() WHERE provider = $1 AND standing <> 'current'`,
      [to],
    )
  })
}

/**
 * Closes what the keys have left: none of its versions that wrapped opens anything any more, and a copy of it put back later
 * begins with a version that never wrapped. The store refuses this while a key is under it.
 * @returns providers that were closed now
 */
export async function closeLeftProviders(source: KeySource, signal: AbortSignal): Promise<string[]> {
  const leaving = (await readKeyringStates(source.database)).filter((each) => each.standing === 'leaving')
  for (const { provider: id } of leaving) {
    const provider = await source.providers.find(id, signal)
    if (!provider) continue
    const { versions } = await provider.describe(signal)
    // After a kill a version that never wrapped may be there already; one more does no harm.
    const fresh = await provider.custody.addVersion(signal)
    for (const each of versions)
      if (each.version < fresh && (each.state === 'active' || each.state === 'decrypt_only'))
        await provider.custody.setState(each.version, 'disabled', signal)
    await source.database.query(
      `UPDATE keys.keyring_state SET version_min = greatest(version_min, $2), standing = 'former', updated_at = clock_timestamp()
        WHERE provider = $1 AND standing = 'leaving'`,
      [id, fresh],
    )
  }
  return leaving.map((each) => each.provider)
}
