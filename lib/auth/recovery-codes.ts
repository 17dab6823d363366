import 'server-only'

import { hash, verify } from '@node-rs/argon2'
import { randomInt } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U, so that a code can be read off paper. 10 letters of it are 50 bits. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 10

/** How many are made at a time. */
export const recoveryCodeCount = 10

/**
 * Argon2id with 7 MiB and five passes, the smallest of OWASP's choices: a code is random, but short enough to be
 * guessed from a stolen table if it were hashed fast (ASVS 5.0 6.5.2).
 */
const cost = { memoryCost: 7168, timeCost: 5, parallelism: 1, outputLen: 32 } as const

/** Ten new codes as a person sees them: `7K3MX-92QDA`. */
export function newRecoveryCodes(): string[] {
  const codes = new Set<string>()
  while (codes.size < recoveryCodeCount) {
    const letters = Array.from({ length: codeLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
    codes.add(`${letters.slice(0, 5)}-${letters.slice(5)}`)
  }
  return [...codes]
}

/** What is stored for each code. */
export async function hashRecoveryCodes(codes: readonly string[]): Promise<string[]> {
  const hashes: string[] = []
  for (const code of codes) hashes.push(await hash(plainRecoveryCode(code), cost))
  return hashes
}

/**
 * Which of the unused codes was typed.
 * @returns the id of its row, or null
 */
export async function findRecoveryCode(
  unused: readonly { id: string; codeHash: string }[],
  typed: string,
): Promise<string | null> {
  const plain = plainRecoveryCode(typed)
  if (plain.length !== codeLength) return null
  for (const { id, codeHash } of unused) if (await verify(codeHash, plain)) return id
  return null
}

/** A code without dashes and blanks, in capitals, with the letters read that Crockford leaves out. */
function plainRecoveryCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
}
