import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import { tokensOf } from './indexes.ts'
import type { OperationContext } from './operation-context.ts'
import type { Unit } from './unit.ts'
import type { TokenChange } from './write-plan.ts'

const removal = `DELETE FROM phi.search_token t
  USING jsonb_to_recordset($1::jsonb) AS d (row_id uuid, columns text[])
  WHERE t.row_id = d.row_id AND t.column_id = ANY (d.columns)`

const insertion = `INSERT INTO phi.search_token (patient_id, column_id, key_version, token, row_id)
  SELECT i.patient_id, i.column_id, i.key_version, decode(i.token, 'hex'), i.row_id
  FROM jsonb_to_recordset($1::jsonb) AS i (patient_id uuid, column_id text, key_version integer, token text, row_id uuid)
  ON CONFLICT DO NOTHING`

/*
 * Makes the search tokens of changed rows agree with their values, in the same transaction: a value that was cleared
 * or deleted is not found any more, and a changed one is found by its new value alone.
 */

/** Takes the tokens of patients away who are about to go: a patient with tokens cannot be deleted. */
export async function removeTokensBefore(
  context: OperationContext,
  changes: readonly TokenChange[],
): Promise<void> {
  await dropTokens(context.unit, changes.filter(goesWithItsPatient))
}

/**
 * Takes the former tokens of changed rows away. Sent after the change, never before it: the change waits for whoever holds
 * the row, which a job that renews tokens does from reading the value to its commit. What such a job added is thus seen here,
 * and goes; before the change it would be overlooked, and the row would be found by its former value.
 */
export async function removeTokens(
  context: OperationContext,
  changes: readonly TokenChange[],
): Promise<void> {
  await dropTokens(
    context.unit,
    changes.filter((change) => !goesWithItsPatient(change)),
  )
}

const goesWithItsPatient = ({ row, rowId, patient }: TokenChange): boolean =>
  row === null && rowId === patient

/** Takes every token of these indexes away from rows, whatever key version it is of. */
export async function dropTokens(
  unit: Unit,
  rows: readonly Pick<TokenChange, 'rowId' | 'indexes'>[],
): Promise<void> {
  if (rows.length === 0) return
  const named = rows.map(({ rowId, indexes }) => ({
    row_id: rowId,
    columns: indexes.map((index) => index.column.id),
  }))
  await send(unit, removal, named)
}

/** Adds the tokens of new values, after the former ones were taken away. */
export async function insertTokens(
  context: OperationContext,
  changes: readonly TokenChange[],
): Promise<void> {
  if (changes.some((change) => change.row !== null))
    await addTokens(context.unit, await context.indexKeys(), changes)
}

/** Adds the tokens that values have under the live key versions; those that are there already stay. */
export async function addTokens(unit: Unit, keys: IndexKeys, changes: readonly TokenChange[]): Promise<void> {
  const tokens = changes.flatMap(({ rowId, patient, indexes, row }) =>
    indexes.flatMap((index) =>
      row === null
        ? []
        : tokensOf(keys, index, row).map((token) => ({
            patient_id: patient,
            column_id: index.column.id,
            key_version: token.version,
            token: Buffer.from(token.bytes).toString('hex'),
            row_id: rowId,
          })),
    ),
  )
  if (tokens.length > 0) await send(unit, insertion, tokens)
}

async function send(unit: Unit, text: string, rows: readonly object[]): Promise<void> {
  await unit.connection.query({ name: statementName(text), text, values: [JSON.stringify(rows)] })
}
