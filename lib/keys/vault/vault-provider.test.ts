import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import { keyProviderContract } from '#lib/testing/key-provider-contract.ts'
import { memoryKeyringRecord } from '#lib/testing/memory-keyring-record.ts'
import { makeCertificates } from '#lib/testing/test-servers.ts'
import { startVaultServer } from '#lib/testing/vault-server.ts'
import { openVaultProvider } from './vault-provider.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})
const signal = () => AbortSignal.timeout(10_000)

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-vault-'))
  cleanups.push(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

function tokenFileWith(token: string, folder = temporaryFolder()): string {
  const file = path.join(folder, 'token')
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  return file
}

async function vaultHere(
  options: Parameters<typeof startVaultServer>[0] & { caFile?: string; ring?: string } = {},
) {
  const server = await startVaultServer(options)
  cleanups.push(() => server.close())
  const settings = {
    address: server.url,
    namespace: options.namespace,
    mount: 'transit',
    key: 'vigil',
    tokenFile: tokenFileWith(server.token),
    caFile: options.caFile,
  }
  const record = memoryKeyringRecord('vault', options.ring)
  const open = async () => {
    const provider = await openVaultProvider(settings, record)
    cleanups.push(() => provider.close?.())
    return provider
  }
  return { server, settings, record, open }
}

async function readyVault(options: Parameters<typeof vaultHere>[0] = {}) {
  const here = await vaultHere(options)
  const provider = await here.open()
  await provider.custody.addVersion(signal())
  const { id, environment } = await provider.describe(signal())
  const context = { purpose: 'data-key', keyring: id, environment, owner: 'patient-1', version: 1 } as const
  const wrapOne = async () => {
    const [wrapped] = await provider.wrap([{ key: SecretKey.random(), context }], signal())
    if (!wrapped) throw new Error('nothing was wrapped')
    return wrapped
  }
  return { ...here, provider, context, wrapOne }
}

keyProviderContract('vault', async () => {
  const { server, provider } = await readyVault()
  const { provider: foreign } = await readyVault({ ring: 'ring-2' })
  return {
    provider,
    foreign,
    breakDown: (how) => {
      server.refusal = how === 'outage' ? 'sealed' : 'forbidden'
      return Promise.resolve(() => {
        server.refusal = undefined
        return Promise.resolve()
      })
    },
    close: async () => {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
    },
  }
})

describe('what goes over the wire', () => {
  test('a batch is one request, and neither keys nor owners are in an address', async () => {
    const { server, provider, context } = await readyVault()
    const batch = Array.from({ length: 50 }, (_, at) => ({
      key: SecretKey.random(),
      context: { ...context, owner: `patient-${at}` },
    }))
    server.requests = []
    const wrapped = await provider.wrap(batch, signal())
    const again = batch.flatMap(({ context: own }, at) =>
      wrapped[at] ? [{ wrapped: wrapped[at], context: own }] : [],
    )
    await provider.unwrap(again, signal())
    expect(server.requests.map(({ path: asked }) => asked)).toEqual([
      '/v1/transit/encrypt/vigil',
      '/v1/transit/decrypt/vigil',
    ])
    for (const request of server.requests) {
      expect(request.headers['x-vault-token']).toBe(server.token)
      expect(request.headers['x-vault-request']).toBe('true')
    }
  })

  test('nothing is asked about keys that the record has put out of use', async () => {
    const { server, provider, context, wrapOne } = await readyVault()
    const wrapped = await wrapOne()
    await provider.custody.addVersion(signal())
    await provider.custody.setState(1, 'disabled', signal())
    server.requests = []
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([{ refused: 'disabled' }])
    expect(server.requests).toEqual([])
  })

  test('a namespace is named with every request', async () => {
    const { provider } = await readyVault({ namespace: 'clinic/records' })
    expect(await provider.health(signal())).toBe('ok')
    // Control: without it the server has nothing to offer.
    const { server, provider: other } = await readyVault()
    server.namespace = 'clinic/records'
    expect(await other.health(signal())).toBe('denied')
  })

  test('TLS is checked against the authority that is named, and nothing is sent to anybody else', async () => {
    const files = makeCertificates(temporaryFolder())
    const tls = { cert: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') }
    const { provider } = await readyVault({ tls, caFile: files.authority })
    expect(await provider.health(signal())).toBe('ok')
    const stranger = await vaultHere({ tls })
    await expect((await stranger.open()).custody.addVersion(signal())).rejects.toBeInstanceOf(ProviderOutage)
    expect(stranger.server.requests).toEqual([])
  })
})

describe('the token', () => {
  test('is read again when it is refused, because an agent may have replaced it', async () => {
    const { server, settings, provider } = await readyVault()
    server.token = 'hvs.another'
    expect(await provider.health(signal())).toBe('denied')
    tokenFileWith(server.token, path.dirname(settings.tokenFile))
    expect(await provider.health(signal())).toBe('ok')
  })

  test('must be in a file that nobody else can read', async () => {
    const { settings, open } = await vaultHere()
    chmodSync(settings.tokenFile, 0o644)
    await expect(open()).rejects.toBeInstanceOf(ProviderDenial)
    chmodSync(settings.tokenFile, 0o600)
    await open()
  })

  test('is renewed before it ends', async () => {
    const { server, open } = await vaultHere()
    await open()
    await expect.poll(() => server.renewals, { timeout: 30_000 }).toBe(1)
  })
})

describe('versions', () => {
  test('what Vault itself has put out of use is refused, whatever the record says', async () => {
    const { server, provider, context, wrapOne } = await readyVault()
    const wrapped = await wrapOne()
    await provider.custody.addVersion(signal())
    const key = server.keys.get('vigil')
    if (!key) throw new Error('no key')
    key.minDecryption = 2
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([{ refused: 'disabled' }])
  })

  test('disabling and destroying reach Vault: a copy of the record opens nothing there', async () => {
    const { server, provider, record, context, wrapOne } = await readyVault()
    const wrapped = await wrapOne()
    await provider.custody.addVersion(signal())
    const before = record.stored()
    await provider.custody.setState(1, 'disabled', signal())
    const after = record.stored()
    record.exchange(before)
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([{ refused: 'disabled' }])
    record.exchange(after)
    await provider.custody.setState(1, 'destroyed', signal())
    expect([...(server.keys.get('vigil')?.versions.keys() ?? [])]).toEqual([2])
  })

  test('the oldest is destroyed first, since Vault knows no other order', async () => {
    const { provider } = await readyVault()
    for (let added = 0; added < 3; added += 1) await provider.custody.addVersion(signal())
    await provider.custody.setState(2, 'disabled', signal())
    await expect(provider.custody.setState(2, 'destroyed', signal())).rejects.toMatchObject({
      code: 'KEYRING',
    })
    await provider.custody.setState(1, 'disabled', signal())
    await provider.custody.setState(1, 'destroyed', signal())
    await provider.custody.setState(2, 'destroyed', signal())
    const { versions } = await provider.describe(signal())
    expect(versions.map(({ state }) => state)).toEqual(['destroyed', 'destroyed', 'decrypt_only', 'active'])
  })

  test('a version that an operator made in Vault is taken into use, and none is made in vain', async () => {
    const { server, open } = await vaultHere()
    server.keys.clear()
    const provider = await open()
    await provider.custody.addVersion(signal())
    const key = server.keys.get('vigil')
    if (!key) throw new Error('no key')
    key.latest = 2
    key.versions.set(2, { key: Buffer.alloc(32, 7), createdAt: 0 })
    expect(await provider.custody.addVersion(signal())).toBe(2)
    expect(key.latest).toBe(2)
  })

  test('a key that would not bind what it wraps, or could leave Vault, is refused', async () => {
    for (const fault of [{ derived: false }, { exportable: true }]) {
      const { server, provider } = await readyVault()
      Object.assign(server.keys.get('vigil') ?? {}, fault)
      await expect(provider.custody.addVersion(signal())).rejects.toBeInstanceOf(ProviderDenial)
    }
  })
})

describe('attack 43: what may happen to Vault', () => {
  const outages = ['sealed', 'throttled', 'behind', 'broken', 'standby'] as const
  test.each(outages)('%s is an outage', async (refusal) => {
    const { server, provider, context, wrapOne } = await readyVault()
    const wrapped = await wrapOne()
    server.refusal = refusal
    await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderOutage)
    expect(await provider.health(signal())).toBe('degraded')
  })

  test.each(['reset', 'closed', 'garbage', 'hang'] as const)(
    '%s is an outage too, in good time',
    async (weather) => {
      const { server, provider, context, wrapOne } = await readyVault()
      const wrapped = await wrapOne()
      server.weather = weather
      await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderOutage)
      server.weather = 'fair'
      expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
    },
  )

  test('two seconds are not too long to wait', async () => {
    const { server, provider, context, wrapOne } = await readyVault()
    const wrapped = await wrapOne()
    server.weather = 'slow'
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
  })

  test('a key that is gone, and an answer that belongs to another key, are denials', async () => {
    const { server, provider, context, wrapOne } = await readyVault()
    const wrapped = await wrapOne()
    server.wrongKey = true
    await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toThrow(/another key/)
    server.wrongKey = false
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
    server.keys.clear()
    await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderDenial)
  })

  test('no error says what Vault said, or where it is', async () => {
    const { server, provider, wrapOne } = await readyVault()
    await wrapOne()
    for (const refusal of ['forbidden', 'throttled', 'standby'] as const) {
      server.refusal = refusal
      const error: unknown = await provider.wrap([], signal()).then(() => provider.custody.addVersion(signal()), (e: unknown) => e).catch((caught: unknown) => caught) // prettier-ignore
      if (!(error instanceof Error)) throw new Error('expected a refusal')
      expect(`${error.message} ${error.stack}`).not.toMatch(/transit\/decrypt|127\.0\.0\.1|hvs\./)
    }
  })
})
