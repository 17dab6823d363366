import 'server-only'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Client } from 'pg'

import { exportFile, exportFolder } from '#lib/audit/export/export-file.ts'

/**
 * Ends exports whose time is over, and removes every file that belongs to none that is ready or being made: also what a worker left
 * that was killed.
 * @returns files removed
 */
export async function sweepExports(client: Client, home: string): Promise<number> {
  const { rows } = await client.query<{ export_id: string; attempt: number }>(
    'SELECT * FROM audit.export_sweep()',
  )
  await client.query('SELECT audit.export_forget_archived()')
  const kept = new Set(rows.map((row) => exportFile(home, row.export_id, row.attempt)))
  const present = await readdir(exportFolder(home)).catch(() => [])
  const stale = present
    .filter((name) => name.endsWith('.sealed'))
    .map((name) => path.join(exportFolder(home), name))
    .filter((file) => !kept.has(file))
  for (const file of stale) await rm(file, { force: true })
  if (stale.length > 0) await client.query('SELECT audit.export_files_removed()')
  return stale.length
}
