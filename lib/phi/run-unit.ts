import 'server-only'

import { CommitInDoubt, type Connection } from '#lib/db/connection.ts'
import { AuditUnavailable, RecordUnavailable } from '#lib/errors.ts'
import type { Action } from '#lib/policy/access.ts'
import { recordClient } from './facade.ts'
import { asUnit, isWriting, Unit, type Admitted } from './unit.ts'
import type { RecordClient } from './types.ts'

/** A transaction that was begun under a role and for a request. */
export type Begun = {
  readonly databaseRole: string
  readonly requestId: string
  readonly done: Promise<unknown>
}

const roleName = /^phi_[a-z_]{1,40}$/
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Begins a transaction that assumes a role for a request: one round trip, and both end with it. Looking is done in a
 * read-only snapshot. It may be sent right behind the admission, before that has answered: the role alone shows no row,
 * only a committed admission of this request for this very role does.
 */
export function begin(
  connection: Connection,
  of: { databaseRole: string; requestId: string; action: Action },
): Begun {
  const { databaseRole, requestId, action } = of
  // Both stand in the text, because only a text without parameters can hold several statements.
  if (!roleName.test(databaseRole) || !uuid.test(requestId))
    throw new AuditUnavailable('the admission names no usable role')
  const mode = isWriting(action) ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
  // A statement is planned once per connection and role: planning the gate anew each time takes longer than reading.
  const done = connection.control(
    `${mode}; SET LOCAL ROLE ${databaseRole}; SET LOCAL vigil.request = '${requestId}'; SET LOCAL plan_cache_mode = force_generic_plan`,
  )
  // Whoever uses it waits for it; until then a failure is nobody's unhandled rejection.
  done.catch(() => undefined)
  return { databaseRole, requestId, done }
}

/** Ends a transaction without keeping anything. The connection is closed if even that fails. */
export function rollBack(connection: Connection): Promise<void> {
  return connection.query({ text: 'ROLLBACK' }).then(
    () => undefined,
    () => undefined,
  )
}

/**
 * Runs admitted work in the transaction that was begun for it. Changing ends with a confirmed commit before anything is
 * returned; looking has nothing to wait for.
 * @throws whatever `work` throws, after the transaction was rolled back
 * @throws AuditUnavailable when a change was not confirmed, since its effect row was not either
 * @throws RecordUnavailable when the database did not begin the work
 */
export async function runUnit<T>(
  connection: Connection,
  admitted: Admitted,
  begun: Begun,
  work: (record: RecordClient, granted: string[]) => Promise<T>,
): Promise<T> {
  const unit = new Unit(connection, admitted)
  try {
    const value = await asUnit(unit, () => work(recordClient, [...admitted.patients]))
    await unit.end()
    await begun.done
    if (isWriting(admitted.action)) await commit(connection)
    // Nothing was changed and the admission is committed already: the answer need not wait for this.
    else void rollBack(connection)
    unit.settleEffects(true)
    return value
  } catch (error) {
    await unit.end()
    await rollBack(connection)
    unit.settleEffects(false)
    await begun.done.catch((cause: unknown) => {
      throw new RecordUnavailable('the unit of work could not begin', { cause })
    })
    throw error
  }
}

async function commit(connection: Connection): Promise<void> {
  try {
    await connection.commit({ text: 'COMMIT' })
  } catch (error) {
    const why =
      error instanceof CommitInDoubt ? 'the change was not confirmed' : 'the change could not be committed'
    throw new AuditUnavailable(why, { cause: error })
  }
}
