import 'server-only'
import { readFile } from 'node:fs/promises'

import { Refused } from '#lib/errors.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { verifierKeyFile } from '#lib/ops/seal/seal-key.ts'
import { inWords, verifyEvidence } from '#lib/verifier/verify.mjs'

export const options = { key: { type: 'string' } } as const satisfies CommandModule['options']

/** `vigil audit verify-bundle FILE`: checks an evidence file by the very code that outsiders use; asks no database. */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  const [file, ...rest] = words
  if (file === undefined || rest.length > 0) throw new WrongUsage('Name one evidence file.')
  const keyFile = typeof given['key'] === 'string' ? given['key'] : verifierKeyFile(env.home)
  const [evidence, key] = await Promise.all([read(file), read(keyFile)])
  try {
    const found = verifyEvidence(evidence, key)
    return { ok: true, text: inWords(found).trimEnd(), json: { ok: true, ...found } }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    return { ok: false, text: `NOT PROVEN: ${why}`, json: { ok: false, why } }
  }
}

const read = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new Refused(`${file} cannot be read: check the path.`)
  }
}
