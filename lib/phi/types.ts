import type { Purpose } from '#lib/policy/rules.ts'
import type { ViewName } from '#lib/policy/views.ts'

export type { Operation, RecordClient, RecordModel } from './record-client.ts'

/** What the caller means to do, in the words of the audit trail (45 CFR 164.312(b)). */
export type Action = 'READ' | 'CREATE' | 'UPDATE' | 'DELETE' | 'SEARCH' | 'EXPORT' | 'PRINT' | 'DISCLOSE'

/** One admission to be asked for. */
export type Access = {
  /** the declared set of fields (lib/policy/views.ts); nothing outside it can be selected */
  view: ViewName
  action: Action
  /** 1 to 50 patient ids; for CREATE of a patient, the id that the new row will have */
  patients: readonly string[]
  /** defaults to the first purpose that the policy gives the role */
  purpose?: Purpose
  /** model and id of the one row that was asked for, when there is one */
  resourceType?: string
  resourceId?: string
  /** free text of the person, when the action wants one; it stands in the trail */
  reason?: string
}

/** Admitted and done, or refused with the reason that stands in the trail. A fault is thrown instead. */
export type Outcome<T> =
  { kind: 'granted'; value: T; patients: string[] } | { kind: 'denied'; reason: string }
