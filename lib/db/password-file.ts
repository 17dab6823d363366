import 'server-only'

import { unwatchFile, watchFile } from 'node:fs'
import { NotConfigured } from '#lib/errors.ts'
import { readSecretLines } from '#lib/secret-file.ts'

const watchMilliseconds = 500

/** A password as it was read, with all that the file held at that moment. */
export type ReadPassword = { readonly password: string; readonly lines: readonly string[] }

/**
 * The password of one login, in a file that may change at any time. While it is being changed the file has two lines, and
 * only the server knows which of them is right at this instant: the first is tried, and when it is refused the other.
 */
export class PasswordFile {
  readonly #path: string
  #lines: readonly string[] = []
  #refused: string | undefined
  #watcher: (() => void) | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** The password for a new connection. @throws NotConfigured when the file cannot be read, or is empty */
  read(): ReadPassword {
    this.#lines = linesOf(this.#path)
    const [first, second] = this.#lines
    if (first === undefined)
      throw new NotConfigured(`The password file ${this.#path} is empty: put the login's password into it.`)
    return { password: second !== undefined && this.#refused === first ? second : first, lines: this.#lines }
  }

  /** Notes that the server refused a password, so that the next connection tries the other. */
  refuse(password: string): void {
    this.#refused = password
  }

  /**
   * Whether a connection is to be renewed: the file has one password again, and it was opened before that. One that was
   * opened during the change may hold either password, so it is renewed whichever it was.
   */
  isStale(read: ReadPassword): boolean {
    return this.#lines.length === 1 && (read.lines.length !== 1 || read.lines[0] !== this.#lines[0])
  }

  /** The same after looking at the file, for a connection that is looked after one by one. */
  isStaleNow(read: ReadPassword): boolean {
    this.#look()
    return this.isStale(read)
  }

  /** Calls when the file has changed; looks twice a second, and keeps no process alive. */
  watch(changed: () => void): void {
    this.#watcher = () => {
      if (this.#look()) changed()
    }
    watchFile(this.#path, { interval: watchMilliseconds, persistent: false }, this.#watcher)
  }

  unwatch(): void {
    if (this.#watcher) unwatchFile(this.#path, this.#watcher)
    this.#watcher = undefined
  }

  #look(): boolean {
    try {
      this.#lines = linesOf(this.#path)
      return true
    } catch {
      // A file that is away for a moment says nothing; the next connection reports one that stays away.
      return false
    }
  }
}

function linesOf(path: string): string[] {
  try {
    return readSecretLines(path)
  } catch (cause) {
    throw new NotConfigured(
      `The password file ${path} cannot be read: check the path, and that the user who runs Vigil may read it.`,
      { cause },
    )
  }
}
