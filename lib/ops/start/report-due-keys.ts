import 'server-only'
import { listKeys } from '#lib/accounts/keys/list-keys.ts'
import type { KeyKind } from '#lib/accounts/keys/view.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'

export type DueKey = { readonly kind: KeyKind; readonly state: 'due' | 'overdue'; readonly ageDays: number }

/**
 * Looks how old the keys are, and writes a security event for each kind that is due or overdue: once a day at most, however
 * often and from however many processes it is called.
 * @returns what was written now
 * @throws RecordUnavailable, AuditUnavailable
 */
export const reportDueKeys = async (): Promise<DueKey[]> => {
  const { kinds } = await listKeys('worker')
  const late = kinds.flatMap(({ kind, standing, ageDays }) =>
    (standing === 'due' || standing === 'overdue') && ageDays !== null
      ? [{ kind, state: standing, ageDays }]
      : [],
  )
  if (late.length === 0) return []
  return asService('people', async (operator) => {
    const written: DueKey[] = []
    for (const each of late) {
      const [row] = await appQuery<{ done: boolean }>(
        'SELECT app.key_rotation_report($1, $2, $3, $4) AS done',
        [operator.sessionToken, each.kind, each.state, each.ageDays],
        'worker',
      )
      if (row?.done === true) written.push(each)
    }
    return written
  })
}
