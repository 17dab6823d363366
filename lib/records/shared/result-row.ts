import 'server-only'

import type { ResultFlagCode, ResultStatus, ResultView } from './view.ts'

/** The columns of an observation that a result is drawn from. */
export const resultSelect = {
  id: true,
  status: true,
  effectiveAt: true,
  issuedAt: true,
  correctedAt: true,
  reviewedAt: true,
  createdAt: true,
  display: true,
  value: true,
  valueNumber: true,
  unit: true,
  interpretation: true,
  referenceLow: true,
  referenceHigh: true,
  referenceText: true,
  previousValue: true,
  performer: true,
  note: true,
} as const

export type ResultRow = {
  id: string
  status: string
  effectiveAt: Date | null
  issuedAt: Date | null
  correctedAt: Date | null
  reviewedAt: Date | null
  createdAt: Date
  display: string
  value: string | null
  valueNumber: number | null
  unit: string | null
  interpretation: string | null
  referenceLow: number | null
  referenceHigh: number | null
  referenceText: string | null
  previousValue: string | null
  performer: string | null
  note: string | null
}

const flags: readonly string[] = ['normal', 'low', 'high', 'critical-low', 'critical-high', 'abnormal']
const statuses: readonly string[] = [
  'preliminary',
  'final',
  'corrected',
  'amended',
  'cancelled',
  'entered-in-error',
  'registered',
]

/** A stored flag, or null for none. Anything unknown counts as none: a page invents no judgement. */
export function toFlag(interpretation: string | null): ResultFlagCode {
  return interpretation !== null && flags.includes(interpretation) ? (interpretation as ResultFlagCode) : null
}

export function toStatus(status: string): ResultStatus {
  return statuses.includes(status) ? (status as ResultStatus) : 'unknown'
}

/** How much a flag asks for attention: critical 3, out of range 2, none given 1, normal 0. */
export function urgency(flag: ResultFlagCode): number {
  if (flag === 'critical-high' || flag === 'critical-low') return 3
  if (flag === null) return 1
  return flag === 'normal' ? 0 : 2
}

/** A row as a page shows it. `reportName` is the report that the result came in, if any. */
export function toResult(row: ResultRow, reportName: string | null = null): ResultView {
  return {
    id: row.id,
    name: row.display,
    value: row.value ?? 'No value',
    valueNumber: row.valueNumber,
    unit: row.unit,
    low: row.referenceLow,
    high: row.referenceHigh,
    rangeText: row.referenceText,
    flag: toFlag(row.interpretation),
    status: toStatus(row.status),
    collectedAt: (row.effectiveAt ?? row.issuedAt ?? row.createdAt).toISOString(),
    issuedAt: row.issuedAt?.toISOString() ?? null,
    correctedAt: row.correctedAt?.toISOString() ?? null,
    previousValue: row.previousValue,
    reviewed: row.reviewedAt !== null,
    comment: row.note,
    reportName,
    performer: row.performer,
  }
}
