import 'server-only'

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Bytes of each hash in the files, see bin/common-passwords.ts. */
const width = 5

/** A sorted row of hashes, read when it is first asked for. */
export class PasswordList {
  readonly #name: string
  #hashes: Buffer | null = null

  /** @param name of the file beside this one, without `.bin` */
  constructor(name: 'common-passwords' | 'common-words') {
    this.#name = name
  }

  /** How many words it holds. */
  get size(): number {
    return this.#rows.length / width
  }

  /** @param word in small letters, Unicode NFC */
  has(word: string): boolean {
    const wanted = createHash('sha256').update(word, 'utf8').digest().subarray(0, width)
    let [low, high] = [0, this.size - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const order = wanted.compare(this.#rows, middle * width, (middle + 1) * width)
      if (order === 0) return true
      if (order < 0) high = middle - 1
      else low = middle + 1
    }
    return false
  }

  get #rows(): Buffer {
    return (this.#hashes ??= readFileSync(fileOf(`${this.#name}.bin`)))
  }
}

/** The file lies beside the sources; in a build of Next, beneath the place that the process runs in. */
function fileOf(name: string): string {
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), name)
  return existsSync(beside)
    ? beside
    : path.join(/* turbopackIgnore: true */ process.cwd(), 'lib', 'auth', name)
}
