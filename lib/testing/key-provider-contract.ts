import { describe, expect, test } from 'vitest'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import { keyObjectOf, SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial, ProviderOutage, type KeyProvider, type Wrapped } from '#lib/keys/key-provider.ts'

/** A provider under test, and what the operator or fate may do to it. */
export type ProviderUnderTest = {
  readonly provider: KeyProvider
  /** another installation of the same kind, with a keyring of its own */
  readonly foreign: KeyProvider
  /** makes a new version active; resolves when the provider uses it */
  rotate(): Promise<void>
  /** takes a version out of use, in a way that could be undone */
  disable(version: number): Promise<void>
  /** destroys a disabled version */
  destroy(version: number): Promise<void>
  /** makes it unreachable, or make it refuse; returns what puts it right again */
  breakDown(how: 'outage' | 'denial'): Promise<() => Promise<void>>
  close(): Promise<void>
}

const signal = () => AbortSignal.timeout(10_000)
const bytes = (key: SecretKey) => keyObjectOf(key).export().toString('hex')

async function contextOf(provider: KeyProvider, change: Partial<KeyContext> = {}): Promise<KeyContext> {
  const { id, environment } = await provider.describe(signal())
  return { purpose: 'data-key', keyring: id, environment, owner: 'patient-1', version: 1, ...change }
}

async function wrapOne(provider: KeyProvider, key: SecretKey, context: KeyContext): Promise<Wrapped> {
  const [wrapped] = await provider.wrap([{ key, context }], signal())
  if (!wrapped) throw new Error('the provider returned nothing')
  return wrapped
}

async function unwrapOne(provider: KeyProvider, wrapped: Wrapped, context: KeyContext): Promise<string> {
  const [answer] = await provider.unwrap([{ wrapped, context }], signal())
  if (!answer) throw new Error('the provider returned nothing')
  return 'refused' in answer ? answer.refused : bytes(answer)
}

/** What every key provider promises, whoever holds its root key. Call it in the provider's own test file. */
export function keyProviderContract(name: string, make: () => Promise<ProviderUnderTest>): void {
  const withProvider = (work: (under: ProviderUnderTest) => Promise<void>) => async () => {
    const under = await make()
    try {
      await work(under)
    } finally {
      await under.close()
    }
  }

  describe(`contract of key providers: ${name}`, () => {
    test('a batch comes back in its order', withProvider(async ({ provider }) => {
      const keys = Array.from({ length: 100 }, () => SecretKey.random())
      const contexts = await Promise.all(keys.map((_, at) => contextOf(provider, { owner: `patient-${at}` })))
      const batch = keys.flatMap((key, at) => (contexts[at] ? [{ key, context: contexts[at] }] : []))
      const wrapped = await provider.wrap(batch, signal())
      const again = wrapped.flatMap((each, at) => (contexts[at] ? [{ wrapped: each, context: contexts[at] }] : []))
      const answers = await provider.unwrap(again, signal())
      expect(answers.map((answer) => ('refused' in answer ? answer.refused : bytes(answer)))).toEqual(keys.map(bytes))
      expect(await provider.unwrap([], signal())).toEqual([])
      expect(await provider.wrap([], signal())).toEqual([])
    })) // prettier-ignore

    test('attack 45: a wrapped key fits its own context only, and spoils nobody else’s', withProvider(async ({ provider }) => {
      const key = SecretKey.random()
      const context = await contextOf(provider)
      const wrapped = await wrapOne(provider, key, context)
      const neighbour = { wrapped: await wrapOne(provider, key, context), context }
      for (const change of [{ owner: 'patient-2' }, { version: 2 }, { purpose: 'index-root' }] as const) {
        const answers = await provider.unwrap([neighbour, { wrapped, context: { ...context, ...change } }, neighbour], signal())
        expect(answers.map((each) => ('refused' in each ? each.refused : bytes(each)))).toEqual([bytes(key), 'unreadable', bytes(key)])
      }
      // Control: with the right context the very same bytes open.
      expect(await unwrapOne(provider, wrapped, context)).toBe(bytes(key))
    })) // prettier-ignore

    test('attack 45: flipped bits, cut ends and another provider’s name are refused', withProvider(async ({ provider }) => {
      const context = await contextOf(provider)
      const wrapped = await wrapOne(provider, SecretKey.random(), context)
      for (let at = 0; at < wrapped.blob.length; at += 1) {
        const blob = Uint8Array.from(wrapped.blob)
        blob[at] = (blob[at] ?? 0) ^ 1
        expect(await unwrapOne(provider, { ...wrapped, blob }, context)).toBe('unreadable')
      }
      expect(await unwrapOne(provider, { ...wrapped, blob: wrapped.blob.slice(0, -1) }, context)).toBe('unreadable')
      expect(await unwrapOne(provider, { ...wrapped, blob: new Uint8Array(0) }, context)).toBe('unreadable')
      expect(await unwrapOne(provider, { ...wrapped, provider: 'another' }, context)).toBe('unreadable')
      expect(await unwrapOne(provider, { ...wrapped, version: 99 }, context)).toBe('unreadable')
    })) // prettier-ignore

    test('keys of another installation do not open here', withProvider(async ({ provider, foreign }) => {
      const context = await contextOf(foreign)
      const wrapped = await wrapOne(foreign, SecretKey.random(), context)
      await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(ProviderDenial)
      expect(await unwrapOne(provider, wrapped, await contextOf(provider))).toBe('unreadable')
    })) // prettier-ignore

    test('after a rotation new keys are under the new version, old ones open, and can be moved', withProvider(async ({ provider, rotate }) => {
      const key = SecretKey.random()
      const context = await contextOf(provider)
      const before = await wrapOne(provider, key, context)
      const { serial } = await provider.describe(signal())
      await rotate()
      const after = await wrapOne(provider, key, context)
      expect(after.version).toBeGreaterThan(before.version)
      const moved = await provider.rewrap(before, context, signal())
      expect(moved.version).toBe(after.version)
      for (const each of [before, after, moved]) expect(await unwrapOne(provider, each, context)).toBe(bytes(key))
      const described = await provider.describe(signal())
      expect(described.serial).toBeGreaterThan(serial)
      expect(described.versions.filter((each) => each.state === 'active').map((each) => each.version)).toEqual([after.version])
    })) // prettier-ignore

    test('attack 49: a disabled or destroyed version stops at once, without a restart', withProvider(async ({ provider, rotate, disable, destroy }) => {
      const context = await contextOf(provider)
      const wrapped = await wrapOne(provider, SecretKey.random(), context)
      await rotate()
      await disable(wrapped.version)
      expect(await unwrapOne(provider, wrapped, context)).toBe('disabled')
      await expect(provider.rewrap(wrapped, context, signal())).rejects.toBeInstanceOf(ProviderDenial)
      await destroy(wrapped.version)
      expect(await unwrapOne(provider, wrapped, context)).toBe('destroyed')
    })) // prettier-ignore

    test('attack 43: outage and denial are told apart, and both pass', withProvider(async ({ provider, breakDown }) => {
      const key = SecretKey.random()
      const context = await contextOf(provider)
      const wrapped = await wrapOne(provider, key, context)
      for (const [how, kind, health] of [['outage', ProviderOutage, 'degraded'], ['denial', ProviderDenial, 'denied']] as const) {
        const repair = await breakDown(how)
        await expect(provider.unwrap([{ wrapped, context }], signal())).rejects.toBeInstanceOf(kind)
        await expect(provider.wrap([{ key, context }], signal())).rejects.toBeInstanceOf(kind)
        expect(await provider.health(signal())).toBe(health)
        await repair()
        expect(await unwrapOne(provider, wrapped, context)).toBe(bytes(key))
        expect(await provider.health(signal())).toBe('ok')
      }
    })) // prettier-ignore

    test('a call whose signal has fired does nothing', withProvider(async ({ provider }) => {
      const context = await contextOf(provider)
      const given = AbortSignal.abort()
      await expect(provider.wrap([{ key: SecretKey.random(), context }], given)).rejects.toThrow(/abort/i)
      await expect(provider.describe(given)).rejects.toThrow(/abort/i)
    })) // prettier-ignore

    test('neither what it describes nor what it stores shows a key', withProvider(async ({ provider }) => {
      const key = SecretKey.random()
      const context = await contextOf(provider)
      const wrapped = await wrapOne(provider, key, context)
      const shown = JSON.stringify([await provider.describe(signal()), Buffer.from(wrapped.blob).toString('hex')])
      expect(shown).not.toContain(bytes(key))
      expect(shown).not.toContain(Buffer.from(bytes(key), 'hex').toString('base64url'))
    })) // prettier-ignore
  })
}
