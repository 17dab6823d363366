import 'server-only'

import { hash, verify } from '@node-rs/argon2'
import { newReadableCode, plainReadableCode } from './readable-code.ts'

/** How many are made at a time. */
export const recoveryCodeCount = 10

/**
 * Argon2id with 7 MiB and five passes, the smallest of OWASP's choices: a code is random, but short enough to be
 * guessed from a stolen table if it were hashed fast (ASVS 5.0 6.5.2).
 */
const cost = { memoryCost: 7168, timeCost: 5, parallelism: 1, outputLen: 32 } as const

/** Ten new codes of 50 bits as a person sees them: `7K3MX-92QDA`. */
export function newRecoveryCodes(): string[] {
  const codes = new Set<string>()
  while (codes.size < recoveryCodeCount) codes.add(newReadableCode(2))
  return [...codes]
}

/** What is stored for each code. */
export async function hashRecoveryCodes(codes: readonly string[]): Promise<string[]> {
  const hashes: string[] = []
  for (const code of codes) hashes.push(await hash(plainReadableCode(code), cost))
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
  const plain = plainReadableCode(typed)
  if (plain.length !== 10) return null
  for (const { id, codeHash } of unused) if (await verify(codeHash, plain)) return id
  return null
}
