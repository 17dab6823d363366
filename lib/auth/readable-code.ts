import 'server-only'

import { randomInt } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U, so that a code can be read off paper or over the telephone. 5 bits a letter. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A random code in groups of five letters (25 bits each): `7K3MX-92QDA`. */
export function newReadableCode(groups: number): string {
  const letters = () => Array.from({ length: 5 }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
  return Array.from({ length: groups }, letters).join('-')
}

/** A typed code without dashes and blanks, in capitals, with the letters read that the alphabet leaves out. */
export function plainReadableCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
}
