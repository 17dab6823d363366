import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Makes lib/auth/common-passwords.bin and lib/auth/common-words.bin from a list of passwords, the most frequent first, one a line:
 *
 *     node bin/common-passwords.ts 10-million-password-list-top-1000000.txt
 *
 * Each file is a sorted row of the first five bytes of SHA-256 of the passwords in small letters (Unicode NFC): no word of the
 * list has to stand in the repository, and of a million other passwords fewer than one is refused by chance.
 */
const [list] = process.argv.slice(2)
if (list === undefined) {
  process.stderr.write('Usage: node bin/common-passwords.ts LIST\n')
  process.exit(2)
}

/** Whole passwords as long as a form asks for, all of them; shorter ones only as far as many people use them. */
const lengthMin = 12
const wordsMost = 20_000

const lines = readFileSync(list, 'utf8').split(/\r?\n/)
const entries = [...new Set(lines.map((line) => line.normalize('NFC').toLowerCase()))]
const lengthOf = (text: string) => [...text].length
write(
  'common-passwords',
  entries.filter((entry) => lengthOf(entry) >= lengthMin),
)
write('common-words', entries.filter((entry) => /^\p{L}{5,11}$/u.test(entry)).slice(0, wordsMost))

function write(name: string, words: string[]): void {
  const hashes = words.map((word) => createHash('sha256').update(word, 'utf8').digest().subarray(0, 5))
  const path = new URL(`../lib/auth/${name}.bin`, import.meta.url)
  writeFileSync(path, Buffer.concat(hashes.toSorted((a, b) => a.compare(b))))
  process.stdout.write(`${name}: ${hashes.length}\n`)
}
