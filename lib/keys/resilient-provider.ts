import 'server-only'
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { VigilError } from '#lib/errors.ts'
import { batchDigest } from './batch-digest.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { classifyFailure } from './classify-failure.ts'
import type { KeyProvider } from './key-provider.ts'
import { SingleFlight } from './single-flight.ts'

/** How hard a provider beyond this machine is tried. */
export type Resilience = {
  /** further attempts after an outage; a denial is never asked again */
  readonly retriesMax: number
  /** an attempt that took longer than this is not followed by another: its caller has waited enough */
  readonly retryWithinSeconds: number
  /** shortest pause before the first retry; each is drawn anew up to twice as long, and doubles */
  readonly pauseSeconds: number
  /** outages in a row after which the provider is left alone for a while */
  readonly outagesMax: number
  /** how long at first; doubles up to `restSecondsMax` */
  readonly restSeconds: number
  readonly restSecondsMax: number
}

export const defaultResilience: Resilience = {
  retriesMax: 2,
  retryWithinSeconds: 0.5,
  pauseSeconds: 0.05,
  outagesMax: 5,
  restSeconds: 1,
  restSecondsMax: 30,
}

/**
 * Stands before a provider that lies beyond this process, and carries its weather: identical unwrap batches share one call, an
 * outage is tried again after a pause that no two processes draw alike, and a provider that stays away is left alone for a
 * while. A denial passes at once and is never tried again. What operators do (`custody`) is not touched: they see every error
 * as it is, and nothing is done twice.
 *
 * Own code: the well-kept library for this, cockatiel, asks for Node 22 in its present version (this project runs from 20.19
 * on), has no single flight, and would still need the three rules above.
 */
export function resilientProvider(
  provider: KeyProvider,
  resilience: Resilience = defaultResilience,
): KeyProvider {
  const breaker = new CircuitBreaker(resilience)
  const unwraps = new SingleFlight<Awaited<ReturnType<KeyProvider['unwrap']>>>()

  async function tried<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    for (let attempt = 0; ; attempt += 1) {
      const done = breaker.enter()
      const begun = performance.now()
      try {
        const value = await work(signal)
        done('ok')
        return value
      } catch (error) {
        const outage = isOutage(error)
        done(outage ? 'outage' : 'ok')
        const tookSeconds = (performance.now() - begun) / 1000
        const again = outage && attempt < resilience.retriesMax && tookSeconds < resilience.retryWithinSeconds
        if (!again || signal.aborted || breaker.resting) throw error
        await pause(resilience.pauseSeconds * 2 ** attempt, signal)
      }
    }
  }

  return {
    id: provider.id,
    custody: provider.custody,
    wrap: (batch, signal) => tried((within) => provider.wrap(batch, within), signal),
    unwrap: (batch, signal) =>
      unwraps.join(
        batchDigest(batch),
        (within) => tried((inner) => provider.unwrap(batch, inner), within),
        signal,
      ),
    rewrap: (batch, signal) => tried((within) => provider.rewrap(batch, within), signal),
    describe: (signal) => tried((within) => provider.describe(within), signal),
    async health(signal) {
      if (breaker.resting) return 'degraded'
      return provider.health(signal)
    },
    async close() {
      await provider.close?.()
    },
  }
}

/** Also a call that its caller gave up: it was in the air, and nothing came back. */
function isOutage(error: unknown): boolean {
  if (error instanceof VigilError || error instanceof CryptoError) return false
  return classifyFailure(error) === 'outage'
}

/** @throws the signal's reason when it fires first */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.max(1, Math.round(seconds * 1000))
  await sleep(randomInt(milliseconds, milliseconds * 2 + 1), undefined, { signal })
}
