import type { StaffRecoveryView } from '#lib/accounts/people/view.ts'

/** Why a colleague needs a new sign-in. */
export const recoveryReasonWords: Readonly<Record<StaffRecoveryView['reason'], string>> = {
  'lost-factors': 'Lost their phone or passkey, and the recovery codes',
  'forgot-password': 'Forgot their password',
  locked: 'Locked their account from one of our emails',
}
