import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { searchTokens } from '#lib/phi/search-terms.ts'

/** Keyed tokens of the surnames of staff, by account, as hex: to be compared in the database with those of patients. */
export async function staffSurnames(): Promise<Record<string, string[]>> {
  const staff = await appQuery<{ id: string; display_name: string | null }>(
    `SELECT id, display_name FROM app.account WHERE role IN ('nurse', 'clinician', 'billing')`,
    [],
    'worker',
  )
  const keys = await (await processKeyStore()).indexKeys()
  return Object.fromEntries(
    staff.map(({ id, display_name: name }) => {
      const familyName = (name ?? '').trim().split(/\s+/).at(-1) ?? ''
      const { tokens } = searchTokens(keys, { familyName })
      return [id, tokens.map((token) => Buffer.from(token).toString('hex'))]
    }),
  )
}
