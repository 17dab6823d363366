import 'server-only'

import { CommitInDoubt, type Connection } from '#lib/db/connection.ts'
import { AuditUnavailable, RecordUnavailable } from '#lib/errors.ts'
import { recordClient } from './facade.ts'
import { asUnit, isWriting, Unit, type Admitted } from './unit.ts'
import type { RecordClient } from './types.ts'

const roleName = /^phi_[a-z_]{1,40}$/
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Runs admitted work in one transaction: role and request are set in the round trip that begins it, and both end
 * with it. Looking is done in a read-only snapshot; changing ends with a confirmed commit before anything is returned.
 * @throws whatever `work` throws, after the transaction was rolled back
 * @throws AuditUnavailable when a change was not confirmed, since its effect row was not either
 * @throws RecordUnavailable when the database does not begin the work
 */
export async function runUnit<T>(
  connection: Connection,
  admitted: Admitted,
  work: (record: RecordClient, granted: string[]) => Promise<T>,
): Promise<T> {
  const unit = new Unit(connection, admitted)
  await begin(connection, admitted)
  try {
    const value = await asUnit(unit, () => work(recordClient, [...admitted.patients]))
    await unit.end()
    if (isWriting(admitted.action)) await commit(connection)
    // Nothing was changed and the admission is committed already: the answer need not wait for this.
    else void connection.query({ text: 'ROLLBACK' }).catch(() => undefined)
    return value
  } catch (error) {
    await unit.end()
    await connection.query({ text: 'ROLLBACK' }).catch(() => undefined)
    throw error
  }
}

async function begin(connection: Connection, admitted: Admitted): Promise<void> {
  const { databaseRole, requestId, action } = admitted
  // Both stand in the text, because only a text without parameters can hold several statements.
  if (!roleName.test(databaseRole) || !uuid.test(requestId))
    throw new AuditUnavailable('the admission names no usable role')
  const mode = isWriting(action) ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
  try {
    await connection.control(
      `${mode}; SELECT set_config('role', '${databaseRole}', true), set_config('vigil.request', '${requestId}', true)`,
    )
  } catch (error) {
    throw new RecordUnavailable('the unit of work could not begin', { cause: error })
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
