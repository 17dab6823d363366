import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { RefusedQuery } from './record-error.ts'
import { currentUnit } from './unit.ts'

/** What the desk may know of a patient's own login. */
export type DeskLogin = {
  account_id: string
  status: 'invited' | 'active' | 'deactivated' | 'locked'
  /** somebody has used a code and chosen a password */
  is_set_up: boolean
  /** somebody has signed in with it */
  activated: boolean
  code_issued_at: Date | null
  code_expires_at: Date | null
  code_state: 'open' | 'used' | 'void' | 'expired' | null
  code_issued_by: string | null
}

/** A code for a login; for one that nobody has used yet with its address, sealed. */
export type NewActivation = {
  accountId: string
  codeHash: Buffer
  birthCheck: Buffer
  documents: readonly string[]
  emailSealed: string | null
  emailTokens: readonly Buffer[]
  /** the record bears the name of whoever is at the desk */
  bearsName: boolean
}

export type Issued = 'issued' | 'again' | 'taken' | 'no-such-login' | 'own-record'

/**
 * The login of the patient of this unit, or null. Like the other statements of this file it is answered to a unit that was
 * admitted to view `portal-access` for this one patient, and to no other.
 * @throws RefusedQuery, RecordUnavailable
 */
export async function deskLogin(patientId: string): Promise<DeskLogin | null> {
  const [row] = await ask<DeskLogin>('SELECT * FROM app.desk_login($1)', [patientId])
  return row ?? null
}

/**
 * Writes a code down, in the transaction of this unit, with its security event.
 * @throws RefusedQuery, RecordUnavailable
 */
export async function issueActivation(patientId: string, activation: NewActivation): Promise<Issued> {
  const { accountId, codeHash, birthCheck, documents, emailSealed, emailTokens, bearsName } = activation
  const [row] = await ask<{ outcome: Issued }>(
    'SELECT app.activation_issue($1, $2, $3, $4, $5, $6, $7, $8) AS outcome',
    [patientId, accountId, codeHash, birthCheck, documents, emailSealed, emailTokens, bearsName],
  )
  if (!row) throw new RecordUnavailable('the desk gave no answer')
  return row.outcome
}

/**
 * Until when a code is good, if it is the open one of this patient; else null.
 * @throws RefusedQuery, RecordUnavailable
 */
export async function activationExpiry(patientId: string, codeHash: Buffer): Promise<Date | null> {
  const [row] = await ask<{ at: Date | null }>('SELECT app.activation_expiry($1, $2) AS at', [
    patientId,
    codeHash,
  ])
  return row?.at ?? null
}

async function ask<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
  const unit = currentUnit()
  if (unit.admitted.view !== 'portal-access')
    throw new RefusedQuery('RecordGrant', 'only the view portal-access works at the desk')
  return unit.run(async () => {
    try {
      return (await unit.connection.query<Row>({ name: statementName(text), text, values })).rows
    } catch (error) {
      throw new RecordUnavailable('the desk could not work on a login', { cause: error })
    }
  })
}
