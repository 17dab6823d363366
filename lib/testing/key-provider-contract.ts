import { describe, expect, test } from 'vitest'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import { keyObjectOf, SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial, ProviderOutage, type KeyProvider, type Wrapped } from '#lib/keys/key-provider.ts'

/** A provider under test with one active version, and what fate may do to it. */
export type ProviderUnderTest = {
  readonly provider: KeyProvider
  /** another installation of the same kind, with a keyring of its own */
  readonly foreign: KeyProvider
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

    test('after a rotation new keys are under the new version, old ones open, and can be moved', withProvider(async ({ provider }) => {
      const key = SecretKey.random()
      const context = await contextOf(provider)
      const before = await wrapOne(provider, key, context)
      const { serial } = await provider.describe(signal())
      expect(await provider.custody.addVersion(signal())).toBe(before.version + 1)
      const after = await wrapOne(provider, key, context)
      expect(after.version).toBe(before.version + 1)
      const [moved] = await provider.rewrap([{ wrapped: before, context }], signal())
      if (!moved || 'refused' in moved) throw new Error('not rewrapped')
      expect(moved.version).toBe(after.version)
      for (const each of [before, after, moved]) expect(await unwrapOne(provider, each, context)).toBe(bytes(key))
      const described = await provider.describe(signal())
      expect(described.serial).toBeGreaterThan(serial)
      expect(described.versions.filter((each) => each.state === 'active').map((each) => each.version)).toEqual([after.version])
      expect(described.versions.find((each) => each.version === before.version)?.state).toBe('decrypt_only')
    })) // prettier-ignore

    test('rewrapping a batch keeps its order, and a key that does not open spoils nobody else’s', withProvider(async ({ provider }) => {
      const [one, two] = [SecretKey.random(), SecretKey.random()]
      const [mine, other] = [await contextOf(provider), await contextOf(provider, { owner: 'patient-2' })]
      const wrapped = [await wrapOne(provider, one, mine), await wrapOne(provider, two, other)]
      await provider.custody.addVersion(signal())
      const batch = [{ wrapped: wrapped[0], context: mine }, { wrapped: wrapped[0], context: other }, { wrapped: wrapped[1], context: other }]
      const answers = await provider.rewrap(batch.flatMap(({ wrapped: each, context }) => (each ? [{ wrapped: each, context }] : [])), signal())
      expect(answers[1]).toEqual({ refused: 'unreadable' })
      for (const [at, key, context] of [[0, one, mine], [2, two, other]] as const) {
        const answer = answers[at]
        if (!answer || 'refused' in answer) throw new Error('not rewrapped')
        expect(await unwrapOne(provider, answer, context)).toBe(bytes(key))
      }
      expect(await provider.rewrap([], signal())).toEqual([])
    })) // prettier-ignore

    test('attack 49: a disabled or destroyed version stops at once, without a restart', withProvider(async ({ provider }) => {
      const context = await contextOf(provider)
      const key = SecretKey.random()
      const wrapped = await wrapOne(provider, key, context)
      await provider.custody.addVersion(signal())
      await provider.custody.setState(wrapped.version, 'disabled', signal())
      expect(await unwrapOne(provider, wrapped, context)).toBe('disabled')
      expect(await provider.rewrap([{ wrapped, context }], signal())).toEqual([{ refused: 'disabled' }])
      // Control: disabling can be undone, and the same bytes open again.
      await provider.custody.setState(wrapped.version, 'decrypt_only', signal())
      expect(await unwrapOne(provider, wrapped, context)).toBe(bytes(key))
      await provider.custody.setState(wrapped.version, 'disabled', signal())
      await provider.custody.setState(wrapped.version, 'destroyed', signal())
      expect(await unwrapOne(provider, wrapped, context)).toBe('destroyed')
      expect(await provider.rewrap([{ wrapped, context }], signal())).toEqual([{ refused: 'destroyed' }])
    })) // prettier-ignore

    test('custody takes no step but the next one, and the same step twice is one', withProvider(async ({ provider }) => {
      const { custody } = provider
      const active = async () => (await provider.describe(signal())).versions.find((each) => each.state === 'active')?.version ?? 0
      const first = await active()
      await expect(custody.setState(first, 'disabled', signal())).rejects.toMatchObject({ code: 'KEYRING' })
      await expect(custody.setState(99, 'disabled', signal())).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
      await custody.addVersion(signal())
      await expect(custody.setState(first, 'destroyed', signal())).rejects.toMatchObject({ code: 'KEYRING' })
      await custody.setState(first, 'disabled', signal())
      const { serial } = await provider.describe(signal())
      await custody.setState(first, 'disabled', signal())
      expect((await provider.describe(signal())).serial).toBe(serial)
      await custody.setState(first, 'destroyed', signal())
      for (const state of ['decrypt_only', 'disabled'] as const)
        await expect(custody.setState(first, state, signal())).rejects.toMatchObject({ code: 'KEYRING' })
    })) // prettier-ignore

    test('two operators at once leave one active version, and every version opens', withProvider(async ({ provider }) => {
      const context = await contextOf(provider)
      const key = SecretKey.random()
      const before = await wrapOne(provider, key, context)
      const added = await Promise.all([provider.custody.addVersion(signal()), provider.custody.addVersion(signal())])
      expect(added.toSorted()).toEqual([before.version + 1, before.version + 2])
      const { versions } = await provider.describe(signal())
      expect(versions.filter((each) => each.state === 'active').map((each) => each.version)).toEqual([Math.max(...added)])
      const after = await wrapOne(provider, key, context)
      expect(after.version).toBe(Math.max(...added))
      for (const each of [before, after]) expect(await unwrapOne(provider, each, context)).toBe(bytes(key))
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
      const { versions } = await provider.describe(signal())
      await expect(provider.custody.addVersion(given)).rejects.toThrow(/abort/i)
      expect((await provider.describe(signal())).versions).toEqual(versions)
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
