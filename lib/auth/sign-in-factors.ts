import 'server-only'

import { z } from 'zod'
import { authQuery } from './auth-query.ts'

const factors = z.object({
  totp: z.boolean(),
  passkey: z.boolean(),
  recovery_code: z.boolean(),
  passkey_only: z.boolean(),
  must_add_passkey: z.boolean(),
  passkey_due_until: z.date().nullable(),
})

/** What somebody who has shown a password can be asked for next. */
export type SignInFactors = {
  /** a code of an authenticator app counts */
  totp: boolean
  passkey: boolean
  /** at least one is unused */
  recoveryCode: boolean
  /** the role signs in by passkeys; codes open no session */
  passkeyOnly: boolean
  /** a code that is right leads to the first passkey, and to no session before that */
  mustAddPasskey: boolean
  /** until when, after such a code; the one who gave it carries the instant along */
  passkeyDueUntil: Date | null
}

/** Which second factors an account has and its role allows; none at all for an account that cannot sign in. */
export async function signInFactors(accountId: string): Promise<SignInFactors> {
  const [row] = await authQuery(factors, 'SELECT * FROM app.sign_in_factors($1)', [accountId])
  return {
    totp: row?.totp ?? false,
    passkey: row?.passkey ?? false,
    recoveryCode: row?.recovery_code ?? false,
    passkeyOnly: row?.passkey_only ?? false,
    mustAddPasskey: row?.must_add_passkey ?? false,
    passkeyDueUntil: row?.passkey_due_until ?? null,
  }
}
