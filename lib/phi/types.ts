import type { Action, DenyReason, Purpose } from '#lib/policy/access.ts'
import type { ViewName } from '#lib/policy/views.ts'

export type { RecordClient } from './record-client.ts'

/** Fields by model, such as `{ Patient: ['familyName'] }`. */
export type FieldsByModel = Readonly<Record<string, readonly string[]>>

/** One admission to be asked for. */
export type Access = {
  /** the declared set of fields (lib/policy/views.ts); nothing outside it can be selected or written */
  view: ViewName
  action: Action
  /** 1 to 50 patient ids; for CREATE of a patient, the id that the new row will have */
  patients: readonly string[]
  /** fewer fields than the view declares, when the caller needs fewer: only these are admitted and logged */
  fields?: FieldsByModel
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
  | { kind: 'granted'; value: T; patients: string[] }
  /** `patientId` is there when one record was asked for and is destroyed: its page says so */
  | { kind: 'denied'; reason: DenyReason; patientId?: string }
