import 'server-only'

import { setTimeout as sleep } from 'node:timers/promises'
import { appQuery } from '#lib/db/app-database.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { longestUnitSeconds } from '#lib/phi/rotate/rotate-data-keys.ts'
import { throttle, type Throttle } from '#lib/phi/rotate/throttle.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { ColumnInTransit } from './column-in-transit.ts'
import { sealPlainUnit, type SealPart, type SealStatements } from './seal-plain-unit.ts'

/** An admission names no more (audit.admit). */
const patientsMax = 50

export type EncryptColumnOptions = {
  readonly keys: KeyStore
  /** 0 for as many as can be */
  readonly rowsPerSecond?: number
  readonly progress?: (done: number, total: number) => void
  /** between the two times that nothing is found left; shorter in tests, where no unit lasts so long */
  readonly settleSeconds?: number
  /** only tests have others */
  readonly statements?: SealStatements
}

/** How many values were sealed, and how often all was looked at. */
export type ColumnEncrypted = { readonly sealed: number; readonly passes: number }

/**
 * Seals what a plain column holds, while people write to it. Progress and end follow from the data alone: a pass counts what
 * is left and seals it, comparing and swapping, and it ends when two passes find nothing, further apart than any unit of
 * work lasts. Killed at any moment it goes on where it was; two at once are in each other's way no more than writers are.
 *
 * While a release that writes the plain value alone is still running, its rows become pending again and are sealed again.
 * The procedure around it stands in docs/encryption.md.
 * @param part rows as they are; or, once the column is dropped and no new ones can have it, earlier versions of them
 * @throws AuditUnavailable, KeysUnavailable, and pg's errors; what was sealed stays so
 */
export async function encryptColumn(
  of: ColumnInTransit,
  part: SealPart,
  options: EncryptColumnOptions,
): Promise<ColumnEncrypted> {
  const { settleSeconds = longestUnitSeconds, progress } = options
  const pacing = throttle(options.rowsPerSecond ?? 0)
  const count = async () => (await plainLeft(of, part)).reduce((sum, { values }) => sum + values, 0)
  const all = await count()
  let [sealed, passes] = [0, 0]
  const passAgain = async (): Promise<boolean> => {
    const left = await plainLeft(of, part)
    passes += 1
    if (left.length === 0) return true
    const changed = await pass(of, part, options, left, pacing)
    sealed += changed
    progress?.(Math.min(sealed, all), all)
    // Whoever is writing there will have written soon.
    if (changed === 0) await sleep(50)
    return false
  }
  for (;;) {
    if (!(await passAgain())) continue
    await sleep(settleSeconds * 1000)
    if (await passAgain()) return { sealed, passes }
  }
}

type Left = { readonly patientId: string; readonly values: number }

/** What is still plain, by patient, counted in the data. */
async function plainLeft({ table, column }: ColumnInTransit, part: SealPart): Promise<Left[]> {
  const rows = await asService('key-rotation', (actor) =>
    appQuery<{ patient_id: string; pending: string; history: string }>(
      'SELECT patient_id, pending, history FROM phi.plain_left($1, $2, $3) ORDER BY patient_id',
      [actor.sessionToken, table, column],
      'worker',
    ),
  )
  return rows
    .map((row) => ({
      patientId: row.patient_id,
      values: Number(part === 'rows' ? row.pending : row.history),
    }))
    .filter(({ values }) => values > 0)
}

async function pass(
  of: ColumnInTransit,
  part: SealPart,
  { keys, statements }: EncryptColumnOptions,
  left: readonly Left[],
  pacing: Throttle,
): Promise<number> {
  const patients = left.map(({ patientId }) => patientId)
  return asService('key-rotation', async (actor) => {
    let changed = 0
    for (let from = 0; from < patients.length; from += patientsMax) {
      const batch = patients.slice(from, from + patientsMax)
      // A batch may have more rows than a unit takes. One whose rows somebody is writing comes back in the next pass.
      for (;;) {
        const rows = pacing.cellsPerUnit
        const done = await pacing.run(rows, () =>
          sealPlainUnit(actor, keys, of, part, batch, rows, statements),
        )
        changed += done.changed
        if (done.changed === 0 || done.changed < done.read) break
      }
    }
    return changed
  })
}
