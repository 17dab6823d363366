import 'server-only'

import { NotConfigured } from '#lib/errors.ts'
import type { KeyProvider } from './key-provider.ts'
import type { KeyringRecord } from './keyring-record.ts'
import type { ProviderEntry } from './provider-entry.ts'
import type { KeySettings } from './key-settings.ts'
import { resilientProvider } from './resilient-provider.ts'

/*
 * The register of key providers. One line each, whose module is loaded when that provider is opened, so that a cloud's SDK is
 * not needed where it is not used. A new provider adds its name to KEY_PROVIDER (lib/parse-env.ts) and a line here.
 *
 *   openProvider(id, settings, keyring): Promise<KeyProvider>
 *
 * `settings` are those of the process (addresses, key ids, where the PIN or token is read from); `keyring` is what the key
 * store remembers of this provider's keyring: its id and environment, which every wrapped key is bound to, its serial, and for
 * all but the file its versions with their states. Opening must not fail because the keyring has no version yet:
 * custody.addVersion makes the first one.
 */

export type ProviderId = KeySettings['keyProvider']

const lacks = (id: string, settings: string): string =>
  `The key provider ${id} is not set up: ${settings} is missing (docs/configuration.md).`
const pkcs11Settings = 'PKCS11_MODULE, the label of its token or its PIN'

const providers: Readonly<Record<ProviderId, ProviderEntry>> = {
  file: {
    missing: () => undefined,
    prepare: async (...given) => (await import('./file/prepare-keyring.ts')).prepareKeyring(...given),
    open: async (...given) => (await import('./file/file-provider.ts')).openFileProvider(...given),
  },
  'aws-kms': {
    missing: ({ awsKms }) => (awsKms ? undefined : lacks('aws-kms', 'AWS_KMS_KEY_ID')),
    async open({ awsKms }, keyring) {
      if (!awsKms) throw new NotConfigured(lacks('aws-kms', 'AWS_KMS_KEY_ID'))
      const { openAwsKmsProvider } = await import('./aws-kms/aws-kms-provider.ts')
      return resilientProvider(await openAwsKmsProvider(awsKms, keyring))
    },
  },
  vault: {
    missing: ({ vault }) => (vault ? undefined : lacks('vault', 'VAULT_ADDR or VAULT_TOKEN_FILE')),
    async open({ vault }, keyring) {
      if (!vault) throw new NotConfigured(lacks('vault', 'VAULT_ADDR or VAULT_TOKEN_FILE'))
      const { openVaultProvider } = await import('./vault/vault-provider.ts')
      return resilientProvider(await openVaultProvider(vault, keyring))
    },
  },
  pkcs11: {
    missing: ({ pkcs11 }) => (pkcs11 ? undefined : lacks('pkcs11', pkcs11Settings)),
    async open({ pkcs11 }, keyring) {
      if (!pkcs11) throw new NotConfigured(lacks('pkcs11', pkcs11Settings))
      const { openPkcs11Provider } = await import('./pkcs11/pkcs11-provider.ts')
      return resilientProvider(await openPkcs11Provider(pkcs11, keyring))
    },
  },
}

export const isProviderId = (name: string): name is ProviderId => Object.hasOwn(providers, name)

export const providerEntry = (id: ProviderId): ProviderEntry => providers[id]

export const providerIds: readonly ProviderId[] = Object.keys(providers).filter(isProviderId)

/** Providers that these settings could open. */
export const configuredProviders = (settings: KeySettings): ProviderId[] =>
  providerIds.filter((id) => providers[id].missing(settings) === undefined)

/**
 * Opens a provider.
 * @throws ProviderDenial, ProviderOutage; NotConfigured when a setting of this provider is missing
 */
export const openProvider = (
  id: ProviderId,
  settings: KeySettings,
  keyring: KeyringRecord,
): Promise<KeyProvider> => providers[id].open(settings, keyring)
