import 'server-only'

import type { KeyObject } from 'node:crypto'
import { cellDigest } from '#lib/crypto/cell-digest.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { AuditUnavailable, RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { BaseClient, Row } from '#lib/phi/operation-context.ts'
import type { Model } from '#lib/phi/registry.ts'
import { currentUnit, type Unit } from '#lib/phi/unit.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { CellHistory, type DigestEntry } from './cell-history.ts'
import type { Finding } from './finding.ts'

/** What was looked at, and what was found. `uncovered` counts by column id. */
export type Verified = {
  patients: number
  cells: number
  readonly findings: Finding[]
  readonly uncovered: Map<string, number>
}

/** Rows of one query. Documents are large; a thousand of them would not fit into memory. */
const rowsPerPage = 2000
const documentsPerPage = 20

/** The admission ran out before all was read: nothing of the unit counts. */
class AdmissionExpired extends Error {
  override readonly name = 'AdmissionExpired'
}

/**
 * Compares every cell of some records with its newest digest in the trail. Cells and digests are read in one snapshot, so a
 * change that is under way is seen with its digest or not at all. When the record is too large for the 15 seconds that an
 * admission lives, it is looked at in smaller parts.
 * @param patients at most 50; those that do not exist are left out
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export async function verifyRecords(
  actor: Actor,
  key: KeyObject,
  patients: readonly string[],
  of: readonly Model[],
): Promise<Verified> {
  const verified: Verified = { patients: 0, cells: 0, findings: [], uncovered: new Map() }
  try {
    const outcome = await withRecord(
      actor,
      { view: 'key-rotation', action: 'READ', patients },
      (_record, granted) => verifyUnit(verified, key, granted, of),
    )
    if (outcome.kind === 'granted') verified.patients = outcome.patients.length
    else if (outcome.reason !== 'no-relation')
      throw new AuditUnavailable(`the verification was not admitted: ${outcome.reason}`)
    return verified
  } catch (error) {
    if (!(error instanceof AdmissionExpired)) throw error
  }
  if (patients.length > 1) {
    const [one, other] = halves(patients)
    return sum(await verifyRecords(actor, key, one, of), await verifyRecords(actor, key, other, of))
  }
  if (of.length > 1) {
    const [one, other] = halves(of)
    return sum(
      await verifyRecords(actor, key, patients, one),
      await verifyRecords(actor, key, patients, other),
      true,
    )
  }
  throw new RecordUnavailable('one table of one record takes longer to read than an admission lives')
}

async function verifyUnit(
  verified: Verified,
  key: KeyObject,
  patients: readonly string[],
  of: readonly Model[],
): Promise<void> {
  const unit = currentUnit()
  const modelOfColumn = new Map(
    of.flatMap((model) => [...model.encrypted.values()].map((field) => [field.cell.id, model] as const)),
  )
  const columns = new Set(modelOfColumn.keys())
  // One for each patient: an entry about one of them can say nothing about another one's rows.
  const histories = new Map(patients.map((patient) => [patient, new CellHistory(columns)]))
  for (const { patient_id: patient, action_type: action, cells } of await readDigests(unit))
    histories.get(patient)?.add({ action, cells })
  for (const model of of) {
    for await (const rows of pagesOf(model, patients))
      for (const row of rows) verifyRow(verified, key, histories, model, row)
  }
  // An admission that has run out shows no rows, and says so only when it is asked.
  if (!(await isAdmitted(unit))) throw new AdmissionExpired()
  for (const [patientId, history] of histories) {
    for (const { rowId, column } of history.missing()) {
      const model = modelOfColumn.get(column)?.name ?? ''
      verified.findings.push({ kind: 'REMOVED', model, column: null, rowId, patientId })
    }
  }
}

function verifyRow(
  verified: Verified,
  key: KeyObject,
  histories: ReadonlyMap<string, CellHistory>,
  model: Model,
  row: Row,
): void {
  const rowId = String(row['id'])
  const patientId = String(row[model.owner ?? 'id'])
  const history = histories.get(patientId)
  if (!history) return
  const address = rowAddress(rowId, patientId)
  for (const { name, cell: column } of model.encrypted.values()) {
    const text = row[name]
    const digest = typeof text === 'string' ? cellDigest(key, column, address, text) : null
    if (digest !== null) verified.cells += 1
    const kind = history.judge(rowId, column.id, digest)
    if (kind === 'UNCOVERED') verified.uncovered.set(column.id, (verified.uncovered.get(column.id) ?? 0) + 1)
    else if (kind) verified.findings.push({ kind, model: model.name, column: column.id, rowId, patientId })
  }
  history.meet(rowId)
}

type DigestRow = { patient_id: string; action_type: string; cells: DigestEntry['cells'] }

async function readDigests(unit: Unit): Promise<DigestRow[]> {
  const text = 'SELECT patient_id, action_type, cells FROM audit.cell_digests()'
  return (await unit.connection.query<DigestRow>({ text })).rows
}

async function isAdmitted(unit: Unit): Promise<boolean> {
  const { rows } = await unit.connection.query<{ admitted: boolean }>({
    text: 'SELECT audit.has_admission($1) AS admitted',
    values: [unit.admitted.databaseRole],
  })
  return rows[0]?.admitted === true
}

/** The rows of a model as they are stored, ciphertexts and all; by Prisma, which knows what the columns are called. */
async function* pagesOf(model: Model, patients: readonly string[]): AsyncGenerator<Row[]> {
  const table = (prismaClient() as unknown as BaseClient)[model.delegate]
  const owner = model.owner ?? 'id'
  const fields = ['id', owner, ...model.encrypted.keys()]
  const select = Object.fromEntries(fields.map((name) => [name, true]))
  const large = [...model.encrypted.values()].some((field) => field.cell.type === 'bytes')
  const take = large ? documentsPerPage : rowsPerPage
  const page = async (where: object) =>
    ((await table?.['findMany']?.({ where, select, take, orderBy: { id: 'asc' } })) ?? []) as Row[]

  // All patients at once, as most are small; one after the other where that is more than a page.
  const together = await page({ [owner]: { in: [...patients] } })
  if (together.length < take) {
    yield together
    return
  }
  for (const patient of patients) {
    let after: string | undefined
    for (;;) {
      const rows = await page({
        [owner]: patient,
        ...(after === undefined ? {} : { AND: [{ id: { gt: after } }] }),
      })
      yield rows
      after = rows.at(-1)?.['id'] as string | undefined
      if (rows.length < take) break
    }
  }
}

function halves<T>(list: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(list.length / 2)
  return [list.slice(0, middle), list.slice(middle)]
}

function sum(one: Verified, other: Verified, samePatients = false): Verified {
  const uncovered = new Map(one.uncovered)
  for (const [column, count] of other.uncovered) uncovered.set(column, (uncovered.get(column) ?? 0) + count)
  return {
    // Parts of one record count it once.
    patients: samePatients ? one.patients : one.patients + other.patients,
    cells: one.cells + other.cells,
    findings: [...one.findings, ...other.findings],
    uncovered,
  }
}
