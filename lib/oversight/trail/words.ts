import 'server-only'

import { purposeNames, type DenyReason } from '#lib/policy/access.ts'

const refusals: Record<DenyReason, string> = {
  'no-session': 'nobody was signed in',
  'session-idle': 'the session had been idle for too long',
  'session-locked': 'the session was locked',
  'session-expired': 'the session had reached its longest life',
  'session-ended': 'the session had been ended',
  'no-policy': 'the role may not see this part of a record',
  'no-relation': 'no care relationship or grant',
  'fields-outside-view': 'fields outside the view were asked for',
  'purpose-not-allowed': 'the purpose is not allowed to the role',
  'step-up-needed': 'a fresh second factor was needed',
  'search-too-wide': 'an emergency search needs a record number, or a full name with a birth date',
  'too-many-searches': 'too many emergency searches in an hour',
  'record-destroyed': 'the record was destroyed',
}

/** A reason of refusal in words; unknown ones are shown as they stand in the trail. */
export function refusalInWords(reason: string | null): string | null {
  if (reason === null) return null
  return reason in refusals ? refusals[reason as DenyReason] : reason
}

/** A purpose (HL7 PurposeOfUse) in words. */
export function purposeInWords(purpose: string | null): string | null {
  if (purpose === null) return null
  return purpose in purposeNames ? purposeNames[purpose as keyof typeof purposeNames] : purpose
}

export const actionNames: Readonly<Record<string, string>> = {
  READ: 'Read',
  CREATE: 'Added',
  UPDATE: 'Changed',
  DELETE: 'Removed',
  SEARCH: 'Found by search',
  EXPORT: 'Exported',
  PRINT: 'Printed',
  DISCLOSE: 'Disclosed',
}
