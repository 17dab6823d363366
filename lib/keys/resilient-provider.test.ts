import { describe, expect, test } from 'vitest'

import { SecretKey } from '#lib/crypto/secret-key.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { ProviderDenial, ProviderOutage, type KeyProvider, type Wrapped } from './key-provider.ts'
import { resilientProvider } from './resilient-provider.ts'
import { SingleFlight } from './single-flight.ts'

const signal = () => AbortSignal.timeout(10_000)
const quick = {
  retriesMax: 2,
  retryWithinSeconds: 60,
  pauseSeconds: 0.001,
  outagesMax: 5,
  restSeconds: 60,
  restSecondsMax: 60,
}
const wrapped: Wrapped = { provider: 'weather', version: 1, blob: new Uint8Array([1, 2, 3]) }
const context = {
  purpose: 'data-key',
  keyring: 'ring-1',
  environment: 'demo',
  owner: 'patient-1',
  version: 1,
} as const

/** A provider that does in each call what it is told to, in order; afterwards it answers. */
function weatherProvider(plan: (() => Promise<never> | undefined)[]): KeyProvider & { calls: number } {
  const own = {
    id: 'weather',
    calls: 0,
    async answer<T>(value: T, given: AbortSignal): Promise<T> {
      own.calls += 1
      const fate = plan.shift()?.()
      const { promise, reject } = Promise.withResolvers<never>()
      given.addEventListener('abort', () => {
        reject(new Error('aborted'))
      })
      return fate === undefined ? value : Promise.race([fate, promise])
    },
    wrap: (_batch: unknown, given: AbortSignal) => own.answer([wrapped], given),
    unwrap: (_batch: unknown, given: AbortSignal) => own.answer([SecretKey.random()], given),
    rewrap: (_batch: unknown, given: AbortSignal) => own.answer([wrapped], given),
    describe: (given: AbortSignal) =>
      own.answer({ id: 'ring-1', environment: 'demo', serial: 1, versions: [] }, given),
    health: () => Promise.resolve('ok' as const),
    custody: { addVersion: (given: AbortSignal) => own.answer(2, given), setState: () => Promise.resolve() },
  }
  return own
}
const outage = () => Promise.reject(new ProviderOutage('away'))
const denial = () => Promise.reject(new ProviderDenial('no'))
const hang = () => new Promise<never>(() => undefined)
const unwrapBy = (provider: KeyProvider) => provider.unwrap([{ wrapped, context }], signal())

describe('retries', () => {
  test('an outage is tried again, and its end is not noticed by who asked', async () => {
    const provider = weatherProvider([outage, outage])
    expect(await unwrapBy(resilientProvider(provider, quick))).toHaveLength(1)
    expect(provider.calls).toBe(3)
  })

  test('but not for ever', async () => {
    const provider = weatherProvider([outage, outage, outage, outage])
    await expect(unwrapBy(resilientProvider(provider, quick))).rejects.toBeInstanceOf(ProviderOutage)
    expect(provider.calls).toBe(3)
  })

  test('a denial is never tried again', async () => {
    const provider = weatherProvider([denial])
    await expect(unwrapBy(resilientProvider(provider, quick))).rejects.toBeInstanceOf(ProviderDenial)
    expect(provider.calls).toBe(1)
  })

  test('what took long already is not tried again', async () => {
    const slow = () => new Promise<never>((_, reject) => setTimeout(() => { reject(new ProviderOutage('late')) }, 30)) // prettier-ignore
    const provider = weatherProvider([slow])
    const impatient = resilientProvider(provider, { ...quick, retryWithinSeconds: 0.02 })
    await expect(unwrapBy(impatient)).rejects.toBeInstanceOf(ProviderOutage)
    expect(provider.calls).toBe(1)
  })

  test('what an operator does is done once, whatever comes of it', async () => {
    const provider = weatherProvider([outage])
    await expect(resilientProvider(provider, quick).custody.addVersion(signal())).rejects.toBeInstanceOf(
      ProviderOutage,
    )
    expect(provider.calls).toBe(1)
  })

  test('a signal ends the call and its retries', async () => {
    const provider = weatherProvider([hang])
    const resilient = resilientProvider(provider, quick)
    await expect(resilient.wrap([], AbortSignal.timeout(20))).rejects.toThrow(/abort/)
    expect(provider.calls).toBe(1)
    await expect(resilient.wrap([], AbortSignal.abort())).rejects.toThrow(/abort/i)
    expect(provider.calls).toBe(1)
  })
})

describe('single flight', () => {
  test('the same batch, asked for by many at once, is one call; another one is not held up by it', async () => {
    const provider = weatherProvider([])
    const resilient = resilientProvider(provider, quick)
    const answers = await Promise.all(Array.from({ length: 20 }, () => unwrapBy(resilient)))
    expect(provider.calls).toBe(1)
    expect(new Set(answers.map(([key]) => key)).size).toBe(1)
    const other = { ...context, owner: 'patient-2' }
    await Promise.all([unwrapBy(resilient), resilient.unwrap([{ wrapped, context: other }], signal())])
    expect(provider.calls).toBe(3)
  })

  test('who gives up leaves the others their answer; when all have, the call is ended', async () => {
    const flights = new SingleFlight<string>()
    const { promise, resolve } = Promise.withResolvers<string>()
    const seen: AbortSignal[] = []
    const work = (given: AbortSignal) => {
      seen.push(given)
      return promise
    }
    const impatient = new AbortController()
    const one = flights.join('a', work, impatient.signal)
    const two = flights.join('a', work, signal())
    impatient.abort()
    await expect(one).rejects.toThrow(/abort/i)
    expect(seen.map((each) => each.aborted)).toEqual([false])
    resolve('answer')
    expect(await two).toBe('answer')
    const last = new AbortController()
    const three = flights.join('b', () => hang(), last.signal)
    const given: AbortSignal[] = []
    const four = flights.join('c', (each) => (given.push(each), hang()), last.signal)
    last.abort()
    await expect(three).rejects.toThrow(/abort/i)
    await expect(four).rejects.toThrow(/abort/i)
    expect(given[0]?.aborted).toBe(true)
  })
})

describe('circuit breaker', () => {
  test('leaves a provider alone that was away again and again, and lets one call through after a rest', () => {
    let seconds = 0
    const breaker = new CircuitBreaker({ outagesMax: 3, restSeconds: 10, restSecondsMax: 40 }, () => seconds)
    for (let call = 0; call < 3; call += 1) breaker.enter()('outage')
    expect(breaker.resting).toBe(true)
    expect(() => breaker.enter()).toThrow(ProviderOutage)
    seconds = 10.5
    const probe = breaker.enter()
    expect(() => breaker.enter(), 'one probe at a time').toThrow(ProviderOutage)
    probe('outage')
    // Twice as long now, and never less than half of it.
    seconds += 9.9
    expect(breaker.resting).toBe(true)
    seconds += 10.2
    breaker.enter()('ok')
    breaker.enter()('outage')
    expect(breaker.resting, 'an answer wipes the slate').toBe(false)
  })

  test('costs those who ask nothing while it rests, and health says degraded', async () => {
    const provider = weatherProvider(Array.from({ length: 6 }, () => outage))
    const resilient = resilientProvider(provider, quick)
    await expect(unwrapBy(resilient)).rejects.toBeInstanceOf(ProviderOutage)
    expect(await resilient.health(signal())).toBe('ok')
    await expect(unwrapBy(resilient)).rejects.toBeInstanceOf(ProviderOutage)
    expect(provider.calls).toBe(5)
    await expect(unwrapBy(resilient)).rejects.toThrow(/left alone/)
    expect(provider.calls).toBe(5)
    expect(await resilient.health(signal())).toBe('degraded')
  })

  test('a denial is an answer: it does not make the breaker rest', async () => {
    const provider = weatherProvider(Array.from({ length: 10 }, () => denial))
    const resilient = resilientProvider(provider, quick)
    for (let call = 0; call < 10; call += 1)
      await expect(unwrapBy(resilient)).rejects.toBeInstanceOf(ProviderDenial)
    expect(provider.calls).toBe(10)
  })
})
