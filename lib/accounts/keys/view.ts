/** Kinds of keys and secrets that are replaced when they are old. */
export type KeyKind =
  'root-key' | 'key-encryption-key' | 'data-key' | 'index-key' | 'database-credentials' | 'session-secret'

/** `unknown`: its age could not be read now. */
export type KeyStanding = 'ok' | 'due' | 'overdue' | 'unknown'

/** One kind of key as an administrator sees it: ages and counts, never a key. */
export type KeyKindView = {
  kind: KeyKind
  name: string
  /** what it is for, in half a sentence */
  purpose: string
  /** which version is in use, in words */
  version: string
  madeAt: string | null
  ageDays: number | null
  /** the day on which it is as old as it may become */
  dueAt: string | null
  standing: KeyStanding
  /** how far a renewal is, in words; empty when none is under way */
  progress: string
  /** the operator's command that renews it */
  command: string
  daysMax: number
  daysLimit: number
  reminderDays: number
}

/** A password or secret, and when it was last changed. */
export type CredentialView = { name: string; changedAt: string; ageDays: number }

export type KeysView = {
  kinds: KeyKindView[]
  credentials: CredentialView[]
  provider: {
    /** in words: "a key ring on disk" */
    name: string
    health: 'ok' | 'degraded' | 'denied' | 'unreachable'
    serial: number | null
    changedAt: string | null
  }
}

/** Names of a kind's two fields in the form of the schedule. */
export const fieldsOf = (kind: KeyKind): { days: string; reminder: string } => ({
  days: `days-${kind}`,
  reminder: `reminder-${kind}`,
})

/** A request to destroy a patient's keys; who the patient is does not stand here. */
export type ShredRequestView = {
  requestId: string
  /** opaque reference of the record, the same in the audit trail */
  reference: string
  state: string
  requestedAt: string
  requestedBy: string
  expiresAt: string
  isHeld: boolean
}
