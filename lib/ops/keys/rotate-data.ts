import 'server-only'
import { constants, setPriority } from 'node:os'
import { endPools } from '#lib/db/pools.ts'
import { dataKeyRotation, type DataKeyRotation } from '#lib/keys/data-key-rotation.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { closeProcessKeyStore, processKeyStore } from '#lib/keys/process-key-store.ts'
import { type CommandInput, type CommandOutput, WrongUsage } from '#lib/ops/cli/command.ts'
import { readAge, readWholeNumber } from '#lib/ops/cli/read-option.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { makeProgress } from '#lib/ops/import-fhir/progress.ts'
import { retireFormerKeys, type RetireReport } from '#lib/phi/rotate/retire-former-keys.ts'
import { rotateDataKeys, type RotationReport } from '#lib/phi/rotate/rotate-data-keys.ts'
import { explainRefusal } from './explain-refusal.ts'
import { keySettings } from './with-key-source.ts'

export const rotateDataOptions = {
  patient: { type: 'string' },
  throttle: { type: 'string' },
  anew: { type: 'boolean' },
  retire: { type: 'boolean' },
  'destroy-old': { type: 'string' },
} as const

/** Cells a second without --throttle: what leaves readers undisturbed on a machine with two cores (bench/README.md). */
const politeCellsPerSecond = 4000

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** As many as a terminal is read for; --json has all. */
const shown = 20

/**
 * `vigil keys rotate --data [--patient ID] [--throttle CELLS_PER_S] [--anew]`: new data keys for everybody or one patient,
 * and every cell under them, while people work. To be called again after whatever ended it; exit status 1 when a cell does
 * not open, or a patient has no key. `--throttle 0` goes as fast as it can.
 *
 * `vigil keys rotate --data --retire [--patient ID] [--destroy-old AGE]`: disables former versions that nothing names any
 * more; with --destroy-old also destroys those that have been disabled for so long (docs/keys.md).
 */
export async function rotateData({ words, options: given, env, say }: CommandInput): Promise<CommandOutput> {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const { patient } = given
  if (patient !== undefined && (typeof patient !== 'string' || !uuid.test(patient)))
    throw new WrongUsage('--patient takes the id of a patient.')
  const cellsPerSecond =
    given['throttle'] === '0' ? 0 : (readWholeNumber('--throttle', given['throttle']) ?? politeCellsPerSecond)
  const destroyAfterSeconds = readAge('--destroy-old', given['destroy-old'])
  if (destroyAfterSeconds !== undefined && given['retire'] !== true)
    throw new WrongUsage('--destroy-old goes with --retire.')
  const progress = makeProgress(process.stderr, say)
  return withDatabases(env, () =>
    withRotation(env, async (keys, store) => {
      if (cellsPerSecond > 0) giveWay()
      try {
        if (given['retire'] === true) {
          const counted = (what: string, done: number): void => progress.advance(what, done, done)
          const report = await retireFormerKeys({ store, patient, destroyAfterSeconds, progress: counted })
          progress.end()
          return { ok: true, text: retireText(report), json: report }
        }
        const anew = given['anew'] === true
        const report = await rotateDataKeys({
          keys,
          store,
          patient,
          anew,
          cellsPerSecond,
          progress: progress.advance,
        })
        progress.end()
        const lacking = Object.entries(report.withoutKey).some(
          ([why, count]) => why !== 'destroyed' && count > 0,
        )
        return { ok: report.onOldVersions === 0 && !lacking, text: rotationText(report), json: report }
      } finally {
        progress.end()
      }
    }),
  )
}

async function withRotation<T>(
  env: CommandInput['env'],
  work: (keys: KeyStore, store: DataKeyRotation) => Promise<T>,
): Promise<T> {
  const settings = keySettings(env)
  const source = await openKeySource(settings)
  try {
    const keys = await processKeyStore()
    const store = dataKeyRotation(source, (owner) => {
      keys.dropCachedKeys(owner)
    })
    return await work(keys, store)
  } catch (error) {
    throw settings.keystoreOperatorUrl === undefined ? explainRefusal(error, settings) : error
  } finally {
    await source.close()
    await endPools()
    await closeProcessKeyStore()
  }
}

/** Lets everything else on the machine go first, where the system has such a thing. */
function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Then it is as important as the rest, and throttled all the same.
  }
}

function rotationText(report: RotationReport): string {
  const { continued, patients, newKeys, resealed, onOldVersions, unreadable, withoutKey } = report
  const lacks = Object.entries(withoutKey).map(([why, count]) =>
    why === 'destroyed'
      ? `${count} patients were shredded: their cells have no key, and stay as they are.`
      : `${count} patients have no key to write with (${why}): "vigil doctor" may say more.`,
  )
  return [
    ...(continued
      ? ['Went on with the rotation that was open; --anew begins another one, with new keys for everybody.']
      : []),
    `${patients} patients: ${newKeys} new keys, ${resealed} cells re-encrypted.`,
    ...lacks,
    onOldVersions === 0
      ? 'Checked twice: 0 on the old version.'
      : `Checked twice: ${onOldVersions} on the old version, because they do not open:`,
    ...unreadable
      .slice(0, shown)
      .map(({ model, column, rowId, code }) => `  ${code}  ${model} ${column}  row ${rowId}`),
    ...(unreadable.length > shown ? [`  … and ${unreadable.length - shown} more: --json lists all.`] : []),
    ...(onOldVersions === 0
      ? ['Former versions still decrypt: take them out of use with "vigil keys rotate --data --retire".']
      : []),
  ].join('\n')
}

function retireText({ disabled, destroyed, stillNamed, tooYoung }: RetireReport): string {
  return [
    `Former versions: ${disabled} disabled, ${destroyed} destroyed.`,
    ...(stillNamed > 0
      ? [`${stillNamed} are still named by cells: run "vigil keys rotate --data" first.`]
      : []),
    ...(tooYoung > 0 ? [`${tooYoung} left use too short a time ago: call this again later.`] : []),
    ...(disabled > 0
      ? ['Disabling can be undone; --destroy-old AGE destroys what has been disabled for so long.']
      : []),
  ].join('\n')
}
