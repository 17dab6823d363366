import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'

/**
 * Calls one of the functions of emergency access or of incidents, which decide and write down what they decided.
 * @param text a call with $1, $2 … for the values, the session's token first
 * @returns why it was refused; null when it was done
 * @throws AuditUnavailable when the database does not answer: then nothing was done
 */
export async function callForRefusal(text: string, values: readonly unknown[]): Promise<string | null> {
  try {
    const [row] = await appQuery<{ refusal: string | null }>(`SELECT ${text} AS refusal`, values)
    if (!row) throw new AuditUnavailable('the database gave no answer')
    return row.refusal
  } catch (error) {
    if (error instanceof AuditUnavailable) throw error
    throw new AuditUnavailable('the step could not be recorded', { cause: error })
  }
}
