export type IncidentView = {
  id: string
  source: string
  sourceId: string | null
  sourceKind: 'BREAK_GLASS' | 'CASE' | 'CONCERN' | 'OTHER'
  accusedName: string | null
  patientReference: string | null
  state: string
  tone: 'bad' | 'warn' | 'ok' | 'info'
  openedBy: string
  openedAt: string
  notifyBy: string
  isDueSoon: boolean
  isBreach: boolean
  patientToldAt: string | null
  closedAt: string | null
}

export type IncidentEntryView = {
  id: string
  title: string
  by: string
  at: string
  text: string
  facts: { label: string; value: string }[]
}

export type IncidentDetailView = IncidentView & { entries: IncidentEntryView[] }
