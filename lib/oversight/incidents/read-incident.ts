import 'server-only'

import { openTexts } from '#lib/accounts/sealed-text.ts'
import {
  askOversight,
  type IncidentEntryRow,
  type IncidentRow,
} from '#lib/audit/break-glass/ask-oversight.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { incidentViews } from './list-incidents.ts'
import type { IncidentDetailView } from './view.ts'

/** The four factors of the assessment (45 CFR 164.402, "breach", paragraph 2), in words, and how far each speaks for a compromise. */
export const factorNames = {
  nature: 'What was exposed',
  recipient: 'Who saw it',
  acquired: 'Whether it was really seen',
  mitigated: 'What risk is left',
} as const

/**
 * One incident with everything that was written about it. The reading is on record.
 * @returns null when there is none, or the reader is the one whom it is about
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function readIncident(actor: Actor, incidentId: string): Promise<IncidentDetailView | null> {
  const found = await askOversight(actor, 'INCIDENT_READ', { id: incidentId }, async (read) => ({
    row: (await read<IncidentRow>('incidents'))[0],
    entries: await read<IncidentEntryRow>('incidentEntries'),
  }))
  if (!found?.row) return null
  const texts = await openTexts(
    found.entries.flatMap(({ text_id: id, text_sealed: sealed }) =>
      id === null || sealed === null ? [] : [{ id, sealed }],
    ),
  )
  const [view] = await incidentViews([found.row])
  if (!view) return null
  return {
    ...view,
    entries: found.entries.map((entry) => ({
      id: entry.id,
      title: entryNames[entry.kind] ?? entry.kind,
      by: entry.author_name ?? 'Unknown account',
      at: entry.written_at.toISOString(),
      text: texts.get(entry.text_id ?? '') ?? '',
      facts: factsOf(entry.detail),
    })),
  }
}

const entryNames: Readonly<Record<string, string>> = {
  OPENED: 'Opened',
  NOTE: 'Note',
  ASSESSMENT: 'Breach assessment',
  PATIENT_TOLD: 'The patient was told',
  CLOSED: 'Closed',
}

const levels: Readonly<Record<string, string>> = { LOW: 'Low risk', MEDIUM: 'Medium risk', HIGH: 'High risk' }

function factsOf(detail: Record<string, string>): { label: string; value: string }[] {
  const facts = Object.entries(factorNames).flatMap(([key, label]) => {
    const level = detail[key]
    return level === undefined ? [] : [{ label, value: levels[level] ?? level }]
  })
  const outcome = detail['outcome']
  if (outcome === undefined) return facts
  return [...facts, { label: 'Outcome', value: outcome === 'BREACH' ? 'A breach' : 'Low probability of compromise' }] // prettier-ignore
}
