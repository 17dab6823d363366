import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Asker, ExportRefusal } from './ask-export.ts'

/** A second officer agrees to an export, or does not. @returns why it was refused; null when it was done */
export const decideExport = (asker: Asker, exportId: string, agree: boolean): Promise<ExportRefusal | null> =>
  step('SELECT audit.export_decide($1, $2, $3, $4) AS refusal', [
    asker.sessionToken,
    exportId,
    agree,
    asker.clientIp,
  ])

/** Takes one's own export back; its file goes away. @returns why it was refused; null when it was done */
export const cancelExport = (asker: Asker, exportId: string): Promise<ExportRefusal | null> =>
  step('SELECT audit.export_cancel($1, $2, $3) AS refusal', [asker.sessionToken, exportId, asker.clientIp])

const step = async (text: string, values: readonly unknown[]): Promise<ExportRefusal | null> => {
  const [row] = await appQuery<{ refusal: ExportRefusal | null }>(text, values)
  return row ? row.refusal : 'no-such-export'
}
