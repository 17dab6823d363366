import 'server-only'

import { Pool, type PoolClient, type PoolConfig } from 'pg'
import { passwordFileOf, withoutPasswordFile } from '#lib/connection-url.ts'
import { clientClassFor, isWrongPassword, passwordUsedBy } from './open-client.ts'
import { PasswordFile } from './password-file.ts'

type Options = Omit<PoolConfig, 'connectionString' | 'password' | 'Client'>
type Done = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void

/** A pool for an address with or without a password file. */
export function openPool(url: string, options: Options): Pool {
  const path = passwordFileOf(url)
  return path === undefined
    ? new Pool({ ...options, connectionString: url })
    : new RenewedPool(withoutPasswordFile(url), new PasswordFile(path), options)
}

/**
 * A pool whose login can get a new password while it serves. When the file has changed, connections opened with the
 * former password are closed when they come back or are asked for, never while somebody works on them; so the former
 * password is worth nothing within seconds, and no request notices.
 */
class RenewedPool extends Pool {
  readonly #file: PasswordFile

  constructor(url: string, file: PasswordFile, options: Options) {
    super({ ...options, connectionString: url, Client: clientClassFor(file) })
    this.#file = file
    file.watch(() => {
      this.#closeStaleIdle()
    })
  }

  override connect(): Promise<PoolClient>
  override connect(callback: Done): void
  override connect(callback?: Done): Promise<PoolClient> | undefined {
    if (callback === undefined) return this.#connectFresh()
    void this.#hand(callback)
    return undefined
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | undefined {
    this.#file.unwatch()
    if (callback === undefined) return super.end()
    super.end(callback)
    return undefined
  }

  /** For the pool's own `query`, which asks with a callback. */
  async #hand(callback: Done): Promise<void> {
    let client: PoolClient
    try {
      client = await this.#connectFresh()
    } catch (error) {
      callback(error instanceof Error ? error : new Error('no connection'), undefined, () => undefined)
      return
    }
    callback(undefined, client, client.release.bind(client))
  }

  async #connectFresh(): Promise<PoolClient> {
    for (let mayRetry = true; ;) {
      try {
        const client = await super.connect()
        if (!this.#isStale(client)) return client
        client.release(true)
      } catch (error) {
        if (!mayRetry || !isWrongPassword(error)) throw error
        mayRetry = false
      }
    }
  }

  #isStale(client: PoolClient): boolean {
    const read = passwordUsedBy(client)
    return read !== undefined && this.#file.isStale(read)
  }

  /** Takes every idle connection out once; the stale ones do not come back. */
  #closeStaleIdle(): void {
    for (let left = this.idleCount; left > 0; left -= 1)
      super.connect().then(
        (client) => {
          client.release(this.#isStale(client))
        },
        () => undefined,
      )
  }
}
