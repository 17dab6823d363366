import 'server-only'

import { Client, type ClientBase, type ClientConfig } from 'pg'
import { passwordFileOf, withoutPasswordFile } from '#lib/connection-url.ts'
import { PasswordFile, type ReadPassword } from './password-file.ts'

type Options = Omit<ClientConfig, 'connectionString' | 'password'>

const used = new WeakMap<ClientBase, ReadPassword>()
const fileOf = new WeakMap<ClientBase, PasswordFile>()

/** The password that a connection was opened with, when it came from a file. */
export const passwordUsedBy = (client: ClientBase): ReadPassword | undefined => used.get(client)

/** Whether the login has got a new password since this connection was opened: it is to be closed and opened again. */
export function isOutdated(client: ClientBase): boolean {
  const read = used.get(client)
  return read !== undefined && fileOf.get(client)?.isStaleNow(read) === true
}

/** The server did not take the password (PostgreSQL's 28P01). */
export const isWrongPassword = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '28P01'

/**
 * A kind of client whose password comes from a file, read when the server asks for it. One that the server refuses is
 * remembered, so that the next client tries the other one.
 */
export function clientClassFor(file: PasswordFile): new (config?: ClientConfig) => Client {
  return class extends Client {
    constructor(config?: ClientConfig) {
      super(config)
      // Set here, because an address that is given puts its own (empty) password before a configured one.
      Object.defineProperty(this, 'password', {
        configurable: true,
        enumerable: false,
        writable: true,
        value: () => {
          const read = file.read()
          used.set(this, read)
          fileOf.set(this, file)
          return read.password
        },
      })
    }

    override connect(): Promise<Client>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<Client> | undefined {
      if (callback === undefined)
        return super.connect().catch((error: unknown) => {
          this.#note(error)
          throw error
        })
      super.connect((error: Error) => {
        this.#note(error)
        callback(error)
      })
      return undefined
    }

    #note(error: unknown): void {
      const read = used.get(this)
      if (read !== undefined && isWrongPassword(error)) file.refuse(read.password)
    }
  }
}

const files = new Map<string, PasswordFile>()

/** A client that is not connected yet, for an address with or without a password file. */
export function makeClient(url: string, options: Options = {}): Client {
  const path = passwordFileOf(url)
  if (path === undefined) return new Client({ ...options, connectionString: url })
  const file = files.get(path) ?? new PasswordFile(path)
  files.set(path, file)
  return new (clientClassFor(file))({ ...options, connectionString: withoutPasswordFile(url) })
}

/**
 * Opens one connection of its own. A password that is being changed at this instant is tried both ways.
 * @throws pg's errors as they are, and NotConfigured for a password file that cannot be read
 */
export async function openClient(url: string, options: Options = {}): Promise<Client> {
  for (let mayRetry = passwordFileOf(url) !== undefined; ; mayRetry = false) {
    const client = makeClient(url, options)
    // A server that goes away fails the statement under way; unheard, the event would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (!mayRetry || !isWrongPassword(error)) throw error
    }
  }
}
