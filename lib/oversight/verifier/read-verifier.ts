import 'server-only'

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { env } from '#lib/env.ts'
import { formatVerifierKey, parseVerifierKey, verifierKey } from '#lib/merkle/note-key.ts'
import { readSealStatus } from '#lib/audit/read-seal-status.ts'

/** The stand-alone verifier, as text, with its SHA-256 in hex. */
export async function readVerifier(): Promise<{ source: string; digest: string }> {
  const source = await readFile(path.join(process.cwd(), 'lib', 'verifier', 'verify.mjs'), 'utf8')
  return { source, digest: createHash('sha256').update(source).digest('hex') }
}

/**
 * The public key by which the trail is checked, from the file beside the anchor and under the name of the present tree.
 * @returns null before the first start has made one
 */
export async function readPublicKey(): Promise<string | null> {
  try {
    const first = parseVerifierKey(await readFile(path.join(env.home, 'anchor', 'verifier-key.txt'), 'utf8'))
    const { incarnation } = await readSealStatus()
    const name = first.name.replace(/[/]1$/, `/${incarnation ?? 1}`)
    return formatVerifierKey(verifierKey(name, 'ed25519', first.key))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
