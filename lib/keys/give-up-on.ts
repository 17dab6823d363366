import 'server-only'

/**
 * Waits for work that does not heed a signal itself, or not always, and no longer than until it fires. The work goes on; whoever
 * began it sees to its end.
 * @throws the signal's reason
 */
export async function giveUpOn<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    const reason: unknown = signal.reason
    reject(reason instanceof Error ? reason : new Error('aborted'))
  }
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
