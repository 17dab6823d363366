import 'server-only'

import { nameStaff } from '#lib/accounts/name-staff.ts'
import { now } from '#lib/clock.ts'
import { localDay } from '#lib/format.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import {
  disclosureSelect,
  inPages,
  pageSize,
  toDisclosure,
  type LedgerRow,
} from '#lib/records/shared/accounting.ts'
import { accountingYears, requestSelect, toRequest } from '#lib/records/shared/accounting-request.ts'
import type { LedgerRowView, LedgerView } from './view.ts'

type Suspension = {
  id: string
  disclosureId: string
  isOral: boolean
  startsAt: Date
  endsAt: Date
  authority: string
  statement: string
}
type Row = LedgerRow & { createdBy: string; correctionReason: string | null }

/** The ledger of disclosures of one patient, corrected rows and requests for silence too, and what was asked for. */
export async function openLedger(actor: Actor, patientId: string): Promise<Outcome<LedgerView>> {
  const outcome = await withRecord(
    actor,
    { view: 'disclosure-ledger', action: 'READ', patients: [patientId] },
    async (record) => ({
      rows: await inPages((after) =>
        record.disclosure.findMany({
          where: { patientId, ...after },
          orderBy: { id: 'asc' },
          take: pageSize,
          select: { ...disclosureSelect, createdBy: true, correctionReason: true },
        }),
      ),
      suspensions: await inPages((after) =>
        record.disclosureSuspension.findMany({
          where: { patientId, ...after },
          orderBy: { id: 'asc' },
          take: pageSize,
          select: {
            id: true,
            disclosureId: true,
            isOral: true,
            startsAt: true,
            endsAt: true,
            authority: true,
            statement: true,
          },
        }),
      ),
      requests: await record.accountingRequest.findMany({
        where: { patientId },
        orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
        take: 100,
        select: requestSelect,
      }),
    }),
  )
  if (outcome.kind === 'denied') return outcome
  const { requests } = outcome.value
  const rows = outcome.value.rows.toSorted(newestFirst)
  const suspensions = outcome.value.suspensions.toSorted((a, b) => Number(b.startsAt) - Number(a.startsAt))
  const [names, references] = await Promise.all([
    nameStaff(rows.map(({ createdBy }) => createdBy)),
    patientReferences([patientId]),
  ])
  const present = now()
  const corrected = new Set(rows.map(({ correctsId }) => correctsId))
  const earliest = new Date(present)
  earliest.setUTCFullYear(earliest.getUTCFullYear() - accountingYears)
  return {
    ...outcome,
    value: {
      patientId,
      patientReference: references.get(patientId) ?? '',
      rows: rows.map((row) =>
        toRow(row, {
          state: corrected.has(row.id) ? 'corrected' : row.withdrawn ? 'withdrawn' : 'counts',
          recordedBy: names.get(row.createdBy) ?? 'A compliance officer',
          suspensions: suspensions
            .filter(({ disclosureId }) => disclosureId === row.id)
            .map((suspension) => toSuspension(suspension, present)),
        }),
      ),
      requests: requests.map(toRequest),
      earliest: localDay(earliest.toISOString()),
      today: localDay(present.toISOString()),
    },
  }
}

function newestFirst(a: Row, b: Row): number {
  return Number(b.disclosedAt) - Number(a.disclosedAt) || Number(b.recordedAt) - Number(a.recordedAt)
}

function toRow(row: Row, rest: Pick<LedgerRowView, 'state' | 'recordedBy' | 'suspensions'>): LedgerRowView {
  return {
    ...toDisclosure(row),
    ...rest,
    recordedAt: row.recordedAt.toISOString(),
    correctsId: row.correctsId,
    correctionReason: row.correctionReason,
  }
}

function toSuspension(row: Suspension, present: Date): LedgerRowView['suspensions'][number] {
  return {
    id: row.id,
    authority: row.authority,
    statement: row.statement,
    isOral: row.isOral,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    isCurrent: row.startsAt <= present && row.endsAt > present,
  }
}
