import 'server-only'

import { hash, verify } from '@node-rs/argon2'
import { randomBytes } from 'node:crypto'

/**
 * Argon2id with 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet.
 * The algorithm is the library's default; its constants are `const enum`s, which erasable TypeScript cannot read.
 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

/**
 * Hash of a random password that nobody knows, made at the same cost: verifying against it takes as long as verifying
 * a real one, so that the time of an answer does not tell whether an account exists (ASVS 5.0 6.3.8).
 */
const decoyHash = hash(randomBytes(32), cost)

/**
 * The hash to store for a password. Unicode is normalised first (NFC), so that two keyboards give one password.
 * @returns a PHC string, `$argon2id$…`
 */
export async function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), cost)
}

/**
 * Whether the password belongs to the stored hash. Without a hash (no such account, or none set yet) the same work is
 * done on a decoy and the answer is no.
 */
export async function verifyPassword(storedHash: string | null, password: string): Promise<boolean> {
  const matches = await verify(storedHash ?? (await decoyHash), password.normalize('NFC'))
  return storedHash !== null && matches
}
