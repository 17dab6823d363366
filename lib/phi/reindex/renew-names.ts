import 'server-only'

import type { DataKeys } from '#lib/crypto/data-keys.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { searchIndexes, storedTokens, tokensOf } from '#lib/phi/indexes.ts'
import { currentUnit, type Unit } from '#lib/phi/unit.ts'
import { writeEffects } from '#lib/phi/write-effects.ts'
import type { TokenChange } from '#lib/phi/write-plan.ts'
import { addTokens, dropTokens } from '#lib/phi/write-tokens.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { destroyedOf, inUnit, rowsOf, send } from './in-unit.ts'
import { dropOvertaken, openValues, type SealedRow } from './open-values.ts'
import { modelOf } from '#lib/phi/registry.ts'
import { nothingRenewed, type Renewed } from './types.ts'

/*
 * Rows are held from the moment their values are read to the commit of their tokens. Whoever changes one meanwhile waits, for
 * as long as fifty patients take, and takes the tokens of the former value away after its change: those added here among them.
 * A row that somebody else holds is left for the next pass, so that this job waits for nobody and never in a circle.
 */
const readPatients = `SELECT id, id AS "patientId", mrn, family_name AS "familyName", given_name AS "givenName",
    preferred_name AS "preferredName", birth_date AS "birthDate"
  FROM phi.patient WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`
const readContacts = `SELECT id, patient_id AS "patientId", kind, value
  FROM phi.patient_contact WHERE patient_id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`

/** A token that this process cannot make stays, unless the value has none. */
const writeNumbers = `UPDATE phi.patient p SET
    mrn_token = CASE WHEN n.none THEN NULL ELSE coalesce(decode(n.odd, 'hex'), p.mrn_token) END,
    mrn_token_even = CASE WHEN n.none THEN NULL ELSE coalesce(decode(n.even, 'hex'), p.mrn_token_even) END
  FROM jsonb_to_recordset($1::jsonb) AS n (id uuid, none boolean, odd text, even text) WHERE p.id = n.id`

/** Tokens of rows that are no more. */
const forgetStrays = `DELETE FROM phi.search_token t WHERE t.patient_id = ANY ($1::uuid[])
  AND NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = t.row_id)
  AND NOT EXISTS (SELECT FROM phi.patient_contact c WHERE c.id = t.row_id)`

/**
 * Gives patients the tokens of their record number, names, birth date and contacts under every live key version: one unit of work,
 * admitted and recorded like any other.
 * @param version that must be among them; otherwise somebody has gone on meanwhile, and nothing is done
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export function renewNames(
  actor: Actor,
  keys: KeyStore,
  patients: readonly string[],
  version: number,
): Promise<Renewed> {
  const fields = {
    Patient: ['mrn', 'familyName', 'givenName', 'preferredName', 'birthDate'],
    PatientContact: ['kind', 'value'],
  }
  return inUnit(actor, { patients, fields }, async () => {
    const unit = currentUnit()
    // Before any row is held: what takes time must not make others wait.
    const [dataKeys, roots] = await Promise.all([keys.dataKeysFor(patients), keys.indexKeys()])
    if (!roots.roots.has(version)) return nothingRenewed
    const people = await rowsOf(unit, readPatients, [patients])
    const held = people.map((row) => row.id)
    const contacts = await rowsOf(unit, readContacts, [held])
    const destroyed = await destroyedOf(unit, held)
    const opened = [
      ...people.map((row) => openRow(unit, 'Patient', row, dataKeys, destroyed)),
      ...contacts.map((row) => openRow(unit, 'PatientContact', row, dataKeys, destroyed)),
    ]
    await writeEffects(unit, effectsOf(people, contacts))
    await write(unit, roots, opened)
    await send(unit, forgetStrays, [held])
    return {
      owners: people.length,
      more: false,
      unreadable: dropOvertaken(
        keys,
        opened.map(({ of }) => of),
      ),
    }
  })
}

type Opened = { model: string; row: SealedRow; of: ReturnType<typeof openValues> }

function openRow(
  unit: Unit,
  model: string,
  row: SealedRow,
  dataKeys: ReadonlyMap<string, DataKeys>,
  destroyed: ReadonlySet<string>,
): Opened {
  if (destroyed.has(row.patientId)) return { model, row, of: { kind: 'shredded' } }
  return { model, row, of: openValues(unit, model, row, dataKeys.get(row.patientId)) }
}

function effectsOf(people: readonly SealedRow[], contacts: readonly SealedRow[]) {
  const effect = (model: string, row: SealedRow, plain: readonly string[]) => ({
    action: 'UPDATE' as const,
    model: modelOf(model),
    rowId: row.id,
    patient: row.patientId,
    encrypted: [],
    plain,
    cells: {},
  })
  return [
    ...people.map((row) => effect('Patient', row, ['mrnToken', 'mrnTokenEven', 'searchToken'])),
    ...contacts.map((row) => effect('PatientContact', row, ['searchToken'])),
  ]
}

async function write(unit: Unit, roots: IndexKeys, opened: readonly Opened[]): Promise<void> {
  const hex = (bytes: Uint8Array | null | undefined) => (bytes ? Buffer.from(bytes).toString('hex') : null)
  const numbers = opened.flatMap(({ model, row, of }) => {
    if (model !== 'Patient' || of.kind === 'unreadable') return []
    const mrn = of.kind === 'values' ? of.values['mrn'] : null
    const [odd, even] = typeof mrn === 'string' ? storedTokens(roots, 'patient.mrn', row.patientId, mrn) : []
    return [{ id: row.id, none: !odd && !even, odd: hex(odd), even: hex(even) }]
  })
  if (numbers.length > 0) await send(unit, writeNumbers, [JSON.stringify(numbers)])
  const changes = opened.flatMap(({ model, row, of }): TokenChange[] =>
    of.kind === 'unreadable'
      ? []
      : [
          {
            model: modelOf(model),
            rowId: row.id,
            patient: row.patientId,
            indexes: searchIndexes.filter((index) => index.model === model),
            row: of.kind === 'values' ? of.values : null,
          },
        ],
  )
  // What a value gives no token for has none, whatever stood there.
  const without = changes.map((change) => ({
    rowId: change.rowId,
    indexes: change.indexes.filter(
      (index) => change.row === null || tokensOf(roots, index, change.row).length === 0,
    ),
  }))
  await dropTokens(
    unit,
    without.filter(({ indexes }) => indexes.length > 0),
  )
  await addTokens(unit, roots, changes)
}
