import 'server-only'

import { z } from 'zod'
import type { ConcernEntryRow, ConcernRow } from './view.ts'

const entryShape = z.object({
  name: z.string(),
  role: z.string().nullable(),
  what: z.string(),
  why: z.string(),
  at: z.string(),
})
const statusShape = z.enum(['open', 'acknowledged', 'answered'])

type Row = {
  id: string
  status: string
  reportedAt: Date
  dueAt: Date
  answeredAt: Date | null
  entry: unknown
  body: string
  contact: string | null
  answer: string | null
}

/** A concern as both sides read it: the one who reported it, and compliance. */
export function toConcern(row: Row): ConcernRow {
  const entry: ConcernEntryRow = entryShape.parse(row.entry)
  return {
    id: row.id,
    status: statusShape.parse(row.status),
    reportedAt: row.reportedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    answeredAt: row.answeredAt?.toISOString() ?? null,
    entry,
    body: row.body,
    contact: row.contact,
    answer: row.answer,
  }
}
