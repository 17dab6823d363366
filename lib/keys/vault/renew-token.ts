import 'server-only'
import { z } from 'zod'

import type { VaultClient } from './vault-client.ts'

const lookup = z.object({ ttl: z.number(), renewable: z.boolean() })

/** At least this long between two looks at the token, however short it lives. */
const shortestSeconds = 5
/** After failures the pause doubles up to this: whoever is refused shall not fill Vault's log. */
const longestPauseSeconds = 300
/** A token without an end may be exchanged for one with an end. */
const longestSeconds = 24 * 3600

/**
 * Keeps the token alive: looks at it, renews it at half of what it has left, and again. A token that cannot be renewed is left
 * to whoever writes its file (Vault Agent); one that has expired shows as a denial. Never keeps a process alive.
 * @returns what stops it
 */
export function scheduleRenewal(client: VaultClient): () => void {
  let failures = 0
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined

  const after = (seconds: number) => {
    if (controller.signal.aborted) return
    const between = Math.min(Math.max(seconds, shortestSeconds), longestSeconds)
    timer = setTimeout(() => void turn(), between * 1000).unref()
  }

  async function turn(): Promise<void> {
    try {
      const { signal } = controller
      const { data } = await client.send('GET', 'auth/token/lookup-self', undefined, signal)
      const { ttl, renewable } = lookup.parse(data)
      if (renewable && ttl > 0) await client.send('POST', 'auth/token/renew-self', {}, signal)
      failures = 0
      after(ttl === 0 ? longestSeconds : ttl / 2)
    } catch {
      // Whatever it is, the next call for a key meets it too, and says so.
      after(Math.min(shortestSeconds * 2 ** failures, longestPauseSeconds))
      failures += 1
    }
  }

  void turn()
  return () => {
    controller.abort()
    clearTimeout(timer)
  }
}
