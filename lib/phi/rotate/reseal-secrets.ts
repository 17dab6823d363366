import 'server-only'

import { cellColumn, type CellColumn } from '#lib/crypto/cell-column.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { resealCell } from '#lib/crypto/reseal-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { appQuery } from '#lib/db/app-database.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { organisation } from '#lib/keys/read-root-keys.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { hexVersion } from './reseal-unit.ts'
import { nothing, plus, type CensusRow, type Resealed, type UnreadableCell } from './types.ts'
import { unitKeys } from './unit-keys.ts'

/** Columns of the organisation's own secrets, which lie in schema app and are nobody's record. */
const secretColumns: Readonly<Record<string, { model: string; cell: CellColumn }>> = {
  email: { model: 'Account', cell: cellColumn('account.email', 'string', 64) },
  'totp-secret': { model: 'Account', cell: cellColumn('account.totp-secret', 'string', 32) },
  'saved-filter': { model: 'SavedFilter', cell: cellColumn('saved-filter.content', 'json', 64) },
  text: { model: 'SealedText', cell: cellColumn('sealed-text.content', 'string', 64) },
  mail: { model: 'MailOutbox', cell: cellColumn('mail.detail', 'json', 64) },
}

const perCall = 200

type Secret = { kind: string; row_id: string; sealed: string }

/** How many secrets of the organisation name which key version. */
export async function secretCensus(actor: Actor): Promise<CensusRow[]> {
  const rows = await appQuery<{ key_version: string; cells: string }>(
    'SELECT key_version, cells FROM app.secret_versions($1)',
    [actor.sessionToken],
    'worker',
  )
  return rows.map((row) => ({
    patientId: organisation,
    table: 'secrets',
    version: Number(row.key_version),
    cells: Number(row.cells),
  }))
}

/** Puts the organisation's secrets under the present version of its key, comparing and swapping like everything else. */
export async function resealSecrets(actor: Actor, keys: KeyStore): Promise<Resealed> {
  let sum = nothing
  let last: Secret | undefined
  for (;;) {
    const { opening, sealing } = await unitKeys(keys, [organisation], false)
    const [own, key] = [opening.get(organisation), sealing.get(organisation)]
    if (!own || !key) return sum
    const secrets: Secret[] = await appQuery<Secret>(
      'SELECT kind, row_id, sealed FROM app.secrets_to_reseal($1, $2, $3, $4::uuid, $5)',
      [actor.sessionToken, hexVersion(key.version), last?.kind ?? null, last?.row_id ?? null, perCall],
      'worker',
    )
    last = secrets.at(-1)
    if (!last) return sum
    const unreadable: UnreadableCell[] = []
    const fresh = secrets.flatMap(({ kind, row_id: id, sealed }) => {
      const column = secretColumns[kind]
      const place = {
        model: column?.model ?? kind,
        column: column?.cell.id ?? kind,
        rowId: id,
        ownerId: organisation,
      }
      if (!column) {
        unreadable.push({ ...place, code: 'COLUMN_UNKNOWN' })
        return []
      }
      try {
        return [
          {
            kind,
            id,
            old: sealed,
            new: resealCell(own, key, column.cell, rowAddress(id, organisation), sealed),
          },
        ]
      } catch (error) {
        if (!(error instanceof CryptoError) || error.code === 'KEY_EXHAUSTED') throw error
        unreadable.push({ ...place, code: error.code })
        return []
      }
    })
    const [answer] =
      fresh.length === 0
        ? [{ changed: 0 }]
        : await appQuery<{ changed: number }>(
            'SELECT app.reseal_secrets($1, $2::jsonb) AS changed',
            [actor.sessionToken, JSON.stringify(fresh)],
            'worker',
          )
    const cells = answer?.changed ?? 0
    sum = plus(sum, { cells, contended: fresh.length - cells, unreadable })
  }
}
