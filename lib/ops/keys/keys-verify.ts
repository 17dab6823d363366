import 'server-only'
import { endPools } from '#lib/db/pools.ts'
import { Refused } from '#lib/errors.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { makeProgress } from '#lib/ops/import-fhir/progress.ts'
import { type CellsVerified, verifyCells } from '#lib/phi/verify-cells/verify-cells.ts'

export const options = { patient: { type: 'string' } } as const

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** As many as a terminal is read for; --json has all. */
const shown = 50

/**
 * `vigil keys verify [--patient ID]`: holds every ciphertext of the record against the trail. Exit status 1 when one is not
 * as it was written last; cells from before digests were kept are counted and are no failure.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env, say }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const { patient } = given
  if (patient !== undefined && (typeof patient !== 'string' || !uuid.test(patient)))
    throw new WrongUsage('--patient takes the id of a patient.')
  return withDatabases(env, async () => {
    const progress = makeProgress(process.stderr, say)
    try {
      const result = await verifyCells(patient, (done, total) =>
        progress.advance('Patients verified', done, total),
      )
      progress.end()
      if (patient !== undefined && result.patients === 0) throw new Refused('There is no such patient.')
      return { ok: result.findings.length === 0, text: verifiedText(result), json: result }
    } finally {
      progress.end()
      await endPools()
      await closeProcessKeyStore()
    }
  })
}

function verifiedText({ patients, cells, findings, uncovered }: CellsVerified): string {
  const without = Object.values(uncovered).reduce((sum, each) => sum + each, 0)
  return [
    `${cells} cells of ${patients} patients: ${findings.length === 0 ? 'all are as they were written' : `${findings.length} are not as they were written`}`,
    ...findings
      .slice(0, shown)
      .map(({ kind, model, column, rowId }) => `${kind}  ${column ?? `${model} (whole row)`}  row ${rowId}`),
    ...(findings.length > shown ? [`… and ${findings.length - shown} more: --json lists all.`] : []),
    ...(without > 0
      ? [
          `${without} cells were written before digests were kept, so there is nothing to compare them with; "vigil keys rotate --data" writes them anew.`,
        ]
      : []),
  ].join('\n')
}
