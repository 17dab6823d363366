import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'

import { openTransport } from '#lib/accounts/mail/open-transport.ts'
import { lettersWait, sendLetters } from '#lib/accounts/mail/send-letters.ts'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'
import { asService } from '#lib/phi/service-actor.ts'

const lookMilliseconds = 2000
const pauseMilliseconds = 15_000

/**
 * Sends the letters of the outbox until the signal fires. What goes wrong is logged and tried again. In production without a mail
 * server they wait: `vigil doctor` says so.
 */
export const runMail = async (signal: AbortSignal): Promise<void> => {
  const pause = (milliseconds: number): Promise<void> =>
    sleep(milliseconds, undefined, { signal }).catch(() => undefined)
  if (env.smtp === undefined && env.environment === 'production') return pause(2 ** 31 - 1)
  // Once at the beginning whatever waits: the account of the job is made then, and not in the middle of something else.
  for (let first = true; !signal.aborted; first = false) {
    try {
      const isServers = (first || (await lettersWait())) && (await sendWaiting(signal))
      await pause(isServers ? pauseMilliseconds : lookMilliseconds)
    } catch (error) {
      if (signal.aborted) return
      log('job.failed', {
        place: 'mail',
        errorName: error instanceof Error ? error.name : undefined,
        code:
          error instanceof Error && 'code' in error && typeof error.code === 'string'
            ? error.code
            : undefined,
      })
      await pause(pauseMilliseconds)
    }
  }
}

/** True when a letter was not taken. */
const sendWaiting = async (signal: AbortSignal): Promise<boolean> => {
  const transport = env.smtp === undefined ? null : openTransport(env.smtp, new URL(env.url).hostname)
  try {
    const { later } = await asService('mail', (job) => sendLetters(job, transport, signal))
    if (later > 0) log('job.failed', { place: 'mail.not-taken' })
    return later > 0
  } finally {
    transport?.close()
  }
}
