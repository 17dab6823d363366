import 'server-only'
import { keyKinds, oldestDataKey, readKeyFacts } from '#lib/accounts/keys/list-keys.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { readKeyInventory } from '#lib/keys/key-inventory.ts'
import type { KeySettings } from '#lib/keys/key-settings.ts'
import { keysUnder } from '#lib/keys/keys-under.ts'
import { readKeyringStates } from '#lib/keys/keyring-states.ts'
import { listKeyVersions } from '#lib/keys/list-key-versions.ts'
import type { KeySource } from '#lib/keys/load-keys.ts'
import { operatorKeyLimits } from '#lib/keys/open-key-source.ts'
import { configuredProviders } from '#lib/keys/open-provider.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { countDataKeys } from './count-data-keys.ts'
import { type KeysStatus, statusText } from './status-text.ts'
import { withKeySource } from './with-key-source.ts'

/**
 * `vigil keys status`: every version of every kind of key: its state, when it was made, and what still uses it; and how old each
 * kind is. Never a key. Overdue is a finding.
 */
export const run: CommandModule['run'] = async ({ words, env }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const status = await withKeySource(env, keysStatus)
  const ok = status.ages.every(({ standing }) => standing !== 'overdue')
  return { ok, text: statusText(status), json: status }
}

/** Reads it all from the store, the providers and the data. */
export async function keysStatus(source: KeySource, settings: KeySettings): Promise<KeysStatus> {
  const states = await readKeyringStates(source.database)
  const configured = new Set<string>(configuredProviders(settings))
  const providers: KeysStatus['providers'][number][] = []
  const keyEncryptionKeys: KeysStatus['keyEncryptionKeys'][number][] = []
  const under = await keysUnder(source.database)
  for (const { provider: id, standing, serial } of states) {
    const signal = AbortSignal.timeout(operatorKeyLimits.attemptSeconds * 1000)
    const provider = configured.has(id)
      ? await source.providers.find(id, signal).catch(() => undefined)
      : undefined
    const health = provider
      ? await provider.health(signal)
      : configured.has(id)
        ? 'not reached'
        : 'not configured'
    providers.push({ provider: id, standing, serial, health })
    const versions = provider ? (await provider.describe(signal)).versions : []
    for (const { version, state, createdAt } of versions) {
      const dataKeys = under.find((each) => each.provider === id && each.version === version)?.keys ?? 0
      keyEncryptionKeys.push({ provider: id, version, state, createdAt, dataKeys })
    }
  }
  const [identity] = await listKeyVersions(source.database, 'identity-root', '', 1)
  return {
    provider: states.find((each) => each.standing === 'current')?.provider ?? '',
    keyringId: source.keyring.id,
    environment: source.keyring.environment,
    providers,
    keyEncryptionKeys,
    dataKeys: await countDataKeys(source),
    indexKeys: await indexKeys(source),
    ages: await readAges(source),
    identityKey: identity ? { version: identity.version, createdAt: identity.createdAt.toISOString() } : null,
  }
}

async function indexKeys(source: KeySource): Promise<KeysStatus['indexKeys']> {
  const versions = await listKeyVersions(source.database, 'index-root', '', 1)
  const tokens = await appQuery<{ key_version: number; tokens: string }>(
    'SELECT key_version, tokens FROM phi.token_versions()',
    [],
    'worker',
  )
  return versions
    .filter((each) => each.ownerId === organisation)
    .map(({ version, state, createdAt }) => ({
      version,
      state,
      createdAt: createdAt.toISOString(),
      tokens: Number(tokens.find((each) => each.key_version === version)?.tokens ?? 0),
    }))
}

async function readAges(source: KeySource): Promise<KeysStatus['ages']> {
  const facts = await readKeyFacts((text) => appQuery(text, [], 'worker'))
  const signal = AbortSignal.timeout(operatorKeyLimits.attemptSeconds * 1000)
  const inventory = await readKeyInventory(source, oldestDataKey(facts), signal).catch(() => null)
  return keyKinds(facts, inventory).map(({ kind, name, ageDays, daysMax, dueAt, standing, command }) => {
    return { kind, name, ageDays, daysMax, dueAt, standing, command }
  })
}
