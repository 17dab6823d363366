import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import { keyProviderContract } from '#lib/testing/key-provider-contract.ts'
import { kmsErrors, startKmsServer } from '#lib/testing/kms-server.ts'
import { memoryKeyringRecord } from '#lib/testing/memory-keyring-record.ts'
import { openAwsKmsProvider } from './aws-kms-provider.ts'
import type { KekLimits } from './kek-cache.ts'

const cleanups: (() => unknown)[] = []
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAVIGILTEST')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-for-the-loopback-only')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})
const signal = () => AbortSignal.timeout(10_000)

/** Asked for anew each time, so that whatever happens to KMS shows at once. */
const never: KekLimits = { freshSeconds: 0, staleSeconds: 0 }

async function readyKms({ limits = never, ring = 'ring-1' }: { limits?: KekLimits; ring?: string } = {}) {
  const server = await startKmsServer()
  cleanups.push(() => server.close())
  const settings = { keyId: server.makeKey(), region: undefined as string | undefined, endpoint: server.url }
  const record = memoryKeyringRecord('aws-kms', ring)
  const open = async (other: Partial<typeof settings> = {}, within = limits) => {
    const provider = await openAwsKmsProvider({ ...settings, ...other }, record, within)
    cleanups.push(() => provider.close?.())
    return provider
  }
  const provider = await open()
  await provider.custody.addVersion(signal())
  const { id, environment } = await provider.describe(signal())
  const context = { purpose: 'data-key', keyring: id, environment, owner: 'patient-1', version: 1 } as const
  const wrapOne = async () => {
    const [wrapped] = await provider.wrap([{ key: SecretKey.random(), context }], signal())
    if (!wrapped) throw new Error('nothing was wrapped')
    return wrapped
  }
  const root = () => {
    const [key] = server.keys.values()
    if (!key) throw new Error('no key')
    return key
  }
  const operations = () => server.requests.map(({ headers }) => String(headers['x-amz-target']).slice('TrentService.'.length)) // prettier-ignore
  return { server, settings, record, open, provider, context, wrapOne, root, operations }
}

keyProviderContract('aws-kms', async () => {
  const { server, provider } = await readyKms()
  const { provider: foreign } = await readyKms({ ring: 'ring-2' })
  return {
    provider,
    foreign,
    breakDown: (how) => {
      server.refusal = how === 'outage' ? kmsErrors.throttled : kmsErrors.denied
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

describe('how often KMS is asked', () => {
  test('once for a cold list of 50 patients, and not again while that is fresh', async () => {
    const { server, provider, open, context, operations } = await readyKms()
    const batch = Array.from({ length: 50 }, (_, at) => ({ key: SecretKey.random(), context: { ...context, owner: `patient-${at}` } })) // prettier-ignore
    const wrapped = await provider.wrap(batch, signal())
    const again = batch.flatMap(({ context: own }, at) => (wrapped[at] ? [{ wrapped: wrapped[at], context: own }] : [])) // prettier-ignore
    const cold = await open({}, { freshSeconds: 60, staleSeconds: 3600 })
    server.requests = []
    const lists = await Promise.all([cold.unwrap(again, signal()), cold.unwrap(again, signal())])
    expect(lists.flat().filter((key) => key instanceof SecretKey)).toHaveLength(100)
    expect(operations()).toEqual(['Decrypt'])
    await cold.unwrap(again, signal())
    await cold.wrap(batch, signal())
    expect(operations()).toEqual(['Decrypt'])
  })

  test('again when it is no longer fresh, so that a key disabled in KMS stops here', async () => {
    const { open, context, wrapOne, root } = await readyKms()
    const wrapped = await wrapOne()
    const provider = await open({}, { freshSeconds: 2, staleSeconds: 3600 })
    const unwrap = () => provider.unwrap([{ wrapped, context }], signal())
    await unwrap()
    root().state = 'Disabled'
    expect(await unwrap(), 'control: still fresh').toEqual([expect.any(SecretKey)])
    await expect.poll(() => unwrap().then(() => 'opens', (error: unknown) => error), { timeout: 30_000 }).toBeInstanceOf(ProviderDenial) // prettier-ignore
    root().state = 'Enabled'
    expect(await unwrap()).toEqual([expect.any(SecretKey)])
  })

  test('during an outage what was unwrapped serves on up to its limit, and health says so', async () => {
    const { server, open, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    const provider = await open({}, { freshSeconds: 0, staleSeconds: 3 })
    const unwrap = () => provider.unwrap([{ wrapped, context }], signal())
    await unwrap()
    server.refusal = kmsErrors.broken
    expect(await unwrap()).toEqual([expect.any(SecretKey)])
    expect(await provider.health(signal())).toBe('degraded')
    await expect.poll(() => unwrap().then(() => 'opens', (error: unknown) => error), { timeout: 30_000 }).toBeInstanceOf(ProviderOutage) // prettier-ignore
    server.refusal = undefined
    expect(await unwrap()).toEqual([expect.any(SecretKey)])
    expect(await provider.health(signal())).toBe('ok')
  })

  test('after a denial an outage finds nothing to serve from', async () => {
    const { server, open, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    const provider = await open({}, { freshSeconds: 0, staleSeconds: 3600 })
    const unwrap = () => provider.unwrap([{ wrapped, context }], signal())
    await unwrap()
    server.refusal = kmsErrors.denied
    await expect(unwrap()).rejects.toBeInstanceOf(ProviderDenial)
    server.refusal = kmsErrors.broken
    await expect(unwrap()).rejects.toBeInstanceOf(ProviderOutage)
  })
})

describe('what KMS is told', () => {
  test('the keyring, environment and version as encryption context, never an owner, and signed', async () => {
    const { server, provider, context, wrapOne } = await readyKms()
    await provider.unwrap([{ wrapped: await wrapOne(), context }], signal())
    const sent = JSON.stringify(server.requests.map(({ body }) => body))
    expect(sent).toContain('"vigil:keyring":"ring-1"')
    expect(sent).toContain('"vigil:kek-version":"1"')
    expect(sent).not.toContain('patient-1')
    for (const { headers } of server.requests) expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 /)
  })

  test('a version moved to another number, keyring or environment does not open', async () => {
    const { provider, record, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    const ring = record.stored()
    for (const change of [{ id: 'ring-2' }, { environment: 'production' }]) {
      record.exchange({ ...ring, ...change })
      const elsewhere = { ...context, keyring: change.id ?? ring.id, environment: change.environment ?? ring.environment } // prettier-ignore
      await expect(provider.unwrap([{ wrapped, context: elsewhere }], signal())).rejects.toThrow(
        /cannot open/,
      )
    }
    const [first] = ring.versions
    if (!first) throw new Error('no version')
    record.exchange({ ...ring, versions: [{ ...first, version: 2 }] })
    await expect(provider.unwrap([{ wrapped: { ...wrapped, version: 2 }, context }], signal())).rejects.toThrow(/cannot open/) // prettier-ignore
    record.exchange(ring)
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
  })

  test('a version under a key of another account, put into the record by whoever can write there, does not wrap', async () => {
    const { server, open, provider, record, context, wrapOne } = await readyKms()
    await wrapOne()
    // Their own key, which lets this role decrypt: they know the key-encryption key that lies under it.
    const theirs = await open({ keyId: server.makeKey('SYMMETRIC_DEFAULT', '999999999999') })
    await theirs.custody.addVersion(signal())
    expect(record.stored().versions.map(({ state }) => state)).toEqual(['decrypt_only', 'active'])
    const one = [{ key: SecretKey.random(), context }]
    await expect(provider.wrap(one, signal())).rejects.toThrow(/another AWS account/)
    // Control: without the comparison it would have wrapped.
    expect(await theirs.wrap(one, signal())).toHaveLength(1)
  })

  test('only a symmetric, enabled key is taken', async () => {
    const { server, open, root } = await readyKms()
    const signing = await open({ keyId: server.makeKey('RSA_2048') })
    await expect(signing.custody.addVersion(signal())).rejects.toThrow(/symmetric/)
    const provider = await open()
    root().state = 'Disabled'
    await expect(provider.custody.addVersion(signal())).rejects.toBeInstanceOf(ProviderDenial)
  })
})

describe('moving to another key of KMS', () => {
  test('puts every version under it without handing one out; the former key is needed no more', async () => {
    const { server, open, provider, context, wrapOne, root } = await readyKms()
    const wrapped = [await wrapOne()]
    await provider.custody.addVersion(signal())
    wrapped.push(await wrapOne())
    const moved = await open({ keyId: server.makeKey() })
    server.requests = []
    await moved.custody.renewRoot?.(signal())
    const shown = JSON.stringify(server.requests.map(({ headers }) => headers['x-amz-target']))
    expect(shown).not.toMatch(/Decrypt"/)
    root().state = 'PendingDeletion'
    const answers = await moved.unwrap(wrapped.map((each) => ({ wrapped: each, context })), signal()) // prettier-ignore
    expect(answers).toEqual([expect.any(SecretKey), expect.any(SecretKey)])
  })
})

describe('attack 43: what may happen to KMS', () => {
  const kinds = [
    ['throttled', ProviderOutage],
    ['broken', ProviderOutage],
    ['unavailable', ProviderOutage],
    ['timeout', ProviderOutage],
    ['denied', ProviderDenial],
    ['expired', ProviderDenial],
    ['missing', ProviderDenial],
  ] as const
  test.each(kinds)('%s', async (refusal, kind) => {
    const { server, provider, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    server.refusal = kmsErrors[refusal]
    await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(kind)
    expect(await provider.health(signal())).toBe(kind === ProviderDenial ? 'denied' : 'degraded')
  })

  test.each(['Disabled', 'PendingDeletion'] as const)('a key that is %s is a denial', async (state) => {
    const { provider, context, wrapOne, root } = await readyKms()
    const wrapped = await wrapOne()
    root().state = state
    await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderDenial)
  })

  test.each(['reset', 'closed', 'garbage'] as const)('%s is an outage', async (weather) => {
    const { server, provider, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    server.weather = weather
    const asked = provider.unwrap([{ wrapped, context }], signal())
    await expect(asked).rejects.toBeInstanceOf(ProviderOutage)
    server.weather = 'fair'
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
  })

  test('a KMS that hangs is given up: without throwOnRequestTimeout this test would wait for ever', async () => {
    const { server, provider, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    server.weather = 'hang'
    const noSignal = new AbortController().signal
    await expect(provider.unwrap([{ wrapped, context }], noSignal)).rejects.toBeInstanceOf(ProviderOutage)
  })

  test('two seconds are not too long to wait', async () => {
    const { server, provider, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    server.weather = 'slow'
    expect(await provider.unwrap([{ wrapped, context }], signal())).toEqual([expect.any(SecretKey)])
  })

  test('an answer that belongs to another key is a denial, not a key', async () => {
    const { server, provider, context, wrapOne } = await readyKms()
    const wrapped = await wrapOne()
    server.wrongKey = true
    await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toThrow(/another key/)
  })
})

describe('what is set up wrongly', () => {
  test('without a region the refusal says so', async () => {
    const { open } = await readyKms()
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
    const provider = await open({ keyId: 'alias/vigil' })
    await expect(provider.custody.addVersion(signal())).rejects.toThrow(/AWS_REGION is missing/)
    // Control: with it, the alias is asked for.
    const elsewhere = await open({ keyId: 'alias/vigil', region: 'eu-central-1' })
    await expect(elsewhere.custody.addVersion(signal())).rejects.toThrow(/no such key/)
  })

  test('a search for credentials that finds none ends with the caller’s patience', async () => {
    const { server, settings, record } = await readyKms()
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere')
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    const provider = await openAwsKmsProvider(settings, record, never)
    cleanups.push(() => provider.close?.())
    server.requests = []
    expect(await provider.health(AbortSignal.timeout(5000))).toBe('degraded')
    expect(server.requests).toEqual([])
  })
})

describe('without the SDK', () => {
  afterEach(() => {
    vi.doUnmock('@aws-sdk/client-kms')
    vi.resetModules()
  })

  test('the refusal says what to install', async () => {
    vi.resetModules()
    vi.doMock('@aws-sdk/client-kms', () => {
      throw new Error('Cannot find package')
    })
    const { openAwsKmsProvider: open } = await import('./aws-kms-provider.ts')
    const record = memoryKeyringRecord('aws-kms')
    const error: unknown = await open({ keyId: 'x', region: 'eu-central-1', endpoint: undefined }, record).catch((caught: unknown) => caught) // prettier-ignore
    expect(error).toMatchObject({
      name: 'NotConfigured',
      message: expect.stringContaining('npm install') as string,
    })
  })
})
