import 'server-only'

import type { KeyStore } from '#lib/keys/key-store.ts'
import { storedTokens } from '#lib/phi/indexes.ts'
import { modelOf } from '#lib/phi/registry.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { writeEffects } from '#lib/phi/write-effects.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { destroyedOf, inUnit, rowsOf, send } from './in-unit.ts'
import { dropOvertaken, openValues } from './open-values.ts'
import { nothingRenewed, type Renewed } from './types.ts'

/** So few that the rows are held for some hundredths of a second. */
const rowsMax = 1000

/** Held from the reading of the code to the commit, for the same reason as the rows of renewNames. */
const read = `SELECT id, patient_id AS "patientId", code
  FROM phi.observation WHERE patient_id = ANY ($1::uuid[]) AND get_byte(code_token, 0) <> $2
  ORDER BY id LIMIT ${rowsMax} FOR NO KEY UPDATE SKIP LOCKED`

const writeCodes = `UPDATE phi.observation o SET code_token = decode(n.token, 'hex')
  FROM jsonb_to_recordset($1::jsonb) AS n (id uuid, token text) WHERE o.id = n.id`

/**
 * Puts the codes of patients' results under a key version, a number of them: `more` says whether some may be left.
 * @param version that must be the active one; otherwise somebody has gone on meanwhile, and nothing is done
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export function renewCodes(
  actor: Actor,
  keys: KeyStore,
  patients: readonly string[],
  version: number,
): Promise<Renewed> {
  return inUnit(actor, { patients, fields: { Observation: ['code'] } }, async () => {
    const unit = currentUnit()
    const [dataKeys, roots] = await Promise.all([keys.dataKeysFor(patients), keys.indexKeys()])
    if (roots.active !== version) return nothingRenewed
    const rows = await rowsOf(unit, read, [patients, version])
    const destroyed = await destroyedOf(unit, patients)
    const opened = rows.map((row) => ({
      row,
      of: destroyed.has(row.patientId)
        ? ({ kind: 'shredded' } as const)
        : openValues(unit, 'Observation', row, dataKeys.get(row.patientId)),
    }))
    const tokens = opened.flatMap(({ row, of }) => {
      if (of.kind === 'unreadable') return []
      const code = of.kind === 'values' ? of.values['code'] : null
      const [token] =
        typeof code === 'string' ? storedTokens(roots, 'observation.code', row.patientId, code) : []
      return [{ id: row.id, token: token ? Buffer.from(token).toString('hex') : null }]
    })
    const model = modelOf('Observation')
    await writeEffects(
      unit,
      rows.map((row) => ({
        action: 'UPDATE', model, rowId: row.id, patient: row.patientId, encrypted: [], plain: ['codeToken'], cells: {},
      })),
    ) // prettier-ignore
    if (tokens.length > 0) await send(unit, writeCodes, [JSON.stringify(tokens)])
    return {
      owners: patients.length,
      more: rows.length === rowsMax,
      unreadable: dropOvertaken(
        keys,
        opened.map(({ of }) => of),
      ),
    }
  })
}
