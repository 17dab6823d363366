import 'server-only'
import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { z } from 'zod'

import { archiveHeader, type ArchiveHeader } from '#lib/audit/archive/archive-line.ts'
import { sealedLogs } from '#lib/audit/seal/sealed-log.ts'
import { Refused } from '#lib/errors.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { readArchiveFile } from '#lib/ops/retention/archive-file.ts'
import { readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { verifyArchive } from '#lib/verifier/verify.mjs'
import { ExportFailed, ExportStopped } from './export-failed.ts'
import type { ExportPlan } from './export-plan.ts'
import type { ExportArchive } from './read-export-archives.ts'
import { tellProgress } from './trail-rows.ts'

const perCall = 1000
/** A file takes a while in which nothing may fit; the lease of a minute must not run out. */
const linesPerSign = 50_000

const ofLog = z.object({ log: z.string() })

/**
 * Puts what an export was asked for of an archive beside the logs, where the database reads it in its place. The whole file is checked by the
 * outsiders' verifier as it goes by, and must be what left; the database takes an entry only if it is what its leaf says, and decides
 * which ones fit.
 * @param home absolute path of the home that keeps the archives
 * @throws ExportFailed when the archive is not there or not what it was; ExportStopped when the export is not wanted any more
 */
export async function putArchived(
  client: Client,
  plan: ExportPlan,
  archive: ExportArchive,
  home: string,
): Promise<void> {
  const mayFit = mayFitOf(plan.criteria)
  const content = createHash('sha256')
  let header: ArchiveHeader | undefined
  let rows: { index: number; data: string }[] = []
  const put = async (): Promise<void> => {
    if (rows.length === 0) return
    const answer = await client.query<{ added: number | null }>(
      'SELECT audit.export_put_archived($1, $2, $3, $4) AS added',
      [plan.exportId, plan.attempt, archive.archiveId, JSON.stringify(rows)],
    )
    rows = []
    if (answer.rows[0]?.added == null) throw new ExportStopped('the export is not wanted any more')
  }
  // What the database says is no fault of the file.
  let told: unknown
  const tell = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      told = error
      throw error
    })
  async function* watched(): AsyncGenerator<string, void, undefined> {
    let lines = 0
    for await (const line of readArchiveFile(home, archive.fileName)) {
      header ??= archiveHeader.parse(JSON.parse(line))
      yield line
      lines += 1
      if (rows.length >= perCall) await tell(put())
      if (lines % linesPerSign === 0) await tell(tellProgress(client, plan, 0))
    }
  }
  try {
    const key = formatVerifierKey(readVerifierKey(home, archive.incarnation))
    await verifyArchive(watched(), key, ({ index, data, hash }) => {
      if (data === undefined) return
      content.update(hash)
      if (mayFit(data) && ofLog.parse(JSON.parse(data)).log === sealedLogs.P.table) rows.push({ index, data })
    })
    await tell(put())
  } catch (error) {
    if (error === told && !isAltered(error)) throw error
    throw new ExportFailed(isMissing(error) ? 'archive-missing' : 'archive-altered')
  }
  if (
    header?.month !== archive.month ||
    header.from !== archive.firstLeaf ||
    header.to !== archive.endLeaf ||
    content.digest('hex') !== archive.contentDigest
  )
    throw new ExportFailed('archive-altered')
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Whether an entry may be one that was asked for: one that names none of the patients, or not the person, is not. Of the others the
 * database decides.
 */
function mayFitOf(criteria: ExportPlan['criteria']): (data: string) => boolean {
  const groups = [criteria['patients'], [criteria['actor']]].flatMap((ids) =>
    Array.isArray(ids) && ids.every((id) => typeof id === 'string' && uuid.test(id)) ? [ids as string[]] : [],
  )
  return (data) => groups.every((ids) => ids.some((id) => data.includes(id)))
}

/** An entry that the database did not take: it is not what was sealed. */
const isAltered = (error: unknown): boolean => codeOf(error) === '23514'

/** The file, or the key that opens it, is not there. */
const isMissing = (error: unknown): boolean =>
  error instanceof Refused || codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES'

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
