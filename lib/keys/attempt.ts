import 'server-only'

import { ProviderOutage } from './key-provider.ts'

/**
 * Runs one attempt that must end in time, whether or not what it waits for heeds the signal: a provider that hangs is an outage
 * like one that says so.
 * @throws ProviderOutage when the time is over
 */
export async function attempt<T>(work: (signal: AbortSignal) => Promise<T>, seconds: number): Promise<T> {
  const controller = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new ProviderOutage(`no answer within ${seconds} s`))
    controller.abort()
  }, seconds * 1000)
  try {
    return await Promise.race([work(controller.signal), promise])
  } finally {
    clearTimeout(timer)
  }
}
