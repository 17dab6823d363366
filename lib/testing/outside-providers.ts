import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { openAwsKmsProvider } from '#lib/keys/aws-kms/aws-kms-provider.ts'
import type { KeyProvider } from '#lib/keys/key-provider.ts'
import { defaultKeyLimits, type KeySettings } from '#lib/keys/key-settings.ts'
import { keyringRecord } from '#lib/keys/keyring-record.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import { openPkcs11Provider } from '#lib/keys/pkcs11/pkcs11-provider.ts'
import { defaultResilience, resilientProvider } from '#lib/keys/resilient-provider.ts'
import { openVaultProvider } from '#lib/keys/vault/vault-provider.ts'
import { kmsErrors, startKmsServer } from './kms-server.ts'
import { softTokens, whyNoToken } from './soft-token.ts'
import { startVaultServer } from './vault-server.ts'

export type OutsideId = 'aws-kms' | 'vault' | 'pkcs11'

/** Providers that this machine can have; a token only with SoftHSM. */
export const outsideIds: OutsideId[] =
  whyNoToken === undefined ? ['aws-kms', 'vault', 'pkcs11'] : ['aws-kms', 'vault']

export type OutsideProviders = {
  /** settings of all of them at once; which one wraps is for KEY_PROVIDER to say */
  readonly settings: Pick<KeySettings, 'awsKms' | 'vault' | 'pkcs11'>
  /** opens one as a process would, but asking AWS KMS each time, so that what happens to it shows at once */
  open(id: OutsideId, settings: KeySettings): Promise<KeyProvider>
  breakDown(id: OutsideId, how: 'outage' | 'denial'): () => void
  /** requests that the service has had since the last look; always 0 for a token, which has no network */
  requests(id: OutsideId): number
  /** lets the next requests fail in turns */
  flap(id: 'aws-kms' | 'vault', times: number): void
  slow(id: 'aws-kms' | 'vault', slow: boolean): void
  close(): Promise<void>
}

/** A KMS, a Vault and a token of one's own, all on this machine. */
export async function outsideProviders(): Promise<OutsideProviders> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-outside-'))
  const servers = { 'aws-kms': await startKmsServer(), vault: await startVaultServer() }
  const tokens = whyNoToken === undefined ? softTokens() : undefined
  const tokenFile = path.join(folder, 'token')
  writeFileSync(tokenFile, servers.vault.token, { mode: 0o600 })
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAVIGILTEST'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'a-secret-for-the-loopback-only'
  const awsKms = { keyId: servers['aws-kms'].makeKey(), region: undefined, endpoint: servers['aws-kms'].url }
  const vault = { address: servers.vault.url, namespace: undefined, mount: 'transit', key: 'vigil', tokenFile, caFile: undefined } // prettier-ignore
  const pkcs11 = tokens?.make('vigil')
  const opened: KeyProvider[] = []

  async function openPlain(id: OutsideId, settings: KeySettings): Promise<KeyProvider> {
    const record = keyringRecord(openOperatorPool(settings, defaultKeyLimits), id)
    if (id === 'aws-kms') return openAwsKmsProvider(awsKms, record, { freshSeconds: 0, staleSeconds: 0 })
    if (id === 'vault') return openVaultProvider(vault, record)
    if (!pkcs11) throw new Error(whyNoToken)
    return openPkcs11Provider(pkcs11, record)
  }

  return {
    settings: { awsKms, vault, ...(pkcs11 ? { pkcs11 } : {}) },
    async open(id, settings) {
      const provider = resilientProvider(await openPlain(id, settings), { ...defaultResilience, restSeconds: 0.2, restSecondsMax: 0.4 }) // prettier-ignore
      opened.push(provider)
      return provider
    },
    breakDown(id, how) {
      if (id === 'vault') servers.vault.refusal = how === 'outage' ? 'sealed' : 'forbidden'
      else if (id === 'aws-kms') servers[id].refusal = how === 'outage' ? kmsErrors.broken : kmsErrors.denied
      else if (how === 'outage') return tokens?.pull() ?? (() => undefined)
      else tokens?.permit('vigil', false)
      return () => {
        servers.vault.refusal = undefined
        servers['aws-kms'].refusal = undefined
        if (id === 'pkcs11') tokens?.permit('vigil', true)
      }
    },
    requests: (id) => (id === 'pkcs11' ? 0 : servers[id].requests.splice(0).length),
    flap: (id, times) => {
      servers[id].forecast = Array.from({ length: times }, (_, at) => (at % 2 === 0 ? 'reset' : 'fair'))
    },
    slow: (id, slow) => {
      servers[id].weather = slow ? 'slow' : 'fair'
    },
    async close() {
      for (const provider of opened) await provider.close?.()
      await Promise.all(Object.values(servers).map((server) => server.close()))
      tokens?.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
