import 'server-only'
import { writeFile } from 'node:fs/promises'
import { z } from 'zod'

import { makeEvidence, type OutOfReach } from '#lib/audit/seal/evidence.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { now } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { WrongUsage, type CommandModule } from '#lib/ops/cli/command.ts'
import { readVerifierKey, verifierKeyFile } from '#lib/ops/seal/seal-key.ts'
import { reportSealEvent } from '#lib/ops/seal/report-seal-event.ts'
import { archiveFolder, archiveSource } from '#lib/ops/retention/archive-file.ts'
import { withSeal } from './with-seal.ts'

export const options = { out: { type: 'string' } } as const satisfies CommandModule['options']

const mostEntries = 1000
const ids = z.array(z.uuid()).min(1).max(mostEntries)

/**
 * `vigil audit prove LOG_ID…`: an evidence file of these entries, to be checked by anybody with the stand-alone verifier and the
 * clinic's public key. That it was made stands in the trail.
 */
export const run: CommandModule['run'] = ({ words, options: given, env }) => {
  const wanted = ids.safeParse(words)
  if (!wanted.success) throw new WrongUsage(`Name 1 to ${mostEntries} entries by their log ids.`)
  return withSeal(env, async (client) => {
    const incarnation = (await readSealState(client))?.incarnation ?? 1
    await reportSealEvent(client, 'AUDIT_PROOF_MADE', {
      entries: wanted.data.length,
      log_ids: wanted.data.slice(0, 50),
    })
    const verifier = readVerifierKey(env.home, incarnation)
    const made = await makeEvidence(client, verifier, wanted.data, now(), archiveSource(env.home))
    if (!made || made.missing.length > 0)
      throw new Refused(
        `Not sealed: ${made?.missing.join(', ') ?? 'the trail has no seal yet'}. An entry can be proven a few seconds after it was written; check the id, and that the sealer runs ("vigil doctor").`,
      )
    if (made.changed.length > 0)
      throw new Refused(
        `Changed or deleted since they were sealed: ${made.changed.join(', ')}. Nothing can be proven of them; run "vigil audit verify".`,
      )
    if (made.outOfReach.length > 0) throw new Refused(outOfReachWords(made.outOfReach, env.home))
    const text = `${JSON.stringify(made.bundle, null, 2)}\n`
    const { out } = given
    if (typeof out === 'string') await writeFile(out, text, { mode: 0o600, flag: 'wx' })
    return {
      ok: true,
      text:
        typeof out === 'string'
          ? `${made.bundle.entries.length} proven in ${out}. Check it: npm run vigil -- audit verify-bundle ${out}\nWhoever checks needs the key in ${verifierKeyFile(env.home)}, handed over by another way.`
          : text.trimEnd(),
      json: made.bundle,
    }
  })
}

/** Where archived entries are, and what to do. */
function outOfReachWords(entries: readonly OutOfReach[], home: string): string {
  const files = [...new Set(entries.map(({ fileName }) => fileName))]
  const named = entries.map(({ logId, month }) => `${logId} (${month})`).join(', ')
  return `Archived: ${named}. Nothing was found changed, but ${files.join(' and ')} cannot be read in ${archiveFolder(home)}, or not as it was written. Put its copy back, and try again.`
}
