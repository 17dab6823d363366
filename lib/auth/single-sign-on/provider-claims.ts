import 'server-only'

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { nowMilliseconds } from '#lib/clock.ts'
import type { SingleSignOnSettings } from '#lib/parse-single-sign-on.ts'

/** What Vigil wants to know of an ID token; nothing of it is kept but hashes. */
export type ProviderClaims = {
  subjectHash: Buffer
  /** the provider's name for its own session, by which it may be ended */
  sidHash: Buffer | null
  /** an address that the provider says it has checked */
  verifiedEmail: string | null
  /** words for roles; null when the settings name no claim */
  roleWords: string[] | null
  /** the provider asked for a second factor, by its acr or amr */
  isMultiFactor: boolean
  /** seconds since the person signed in there; null when it does not say */
  ageSeconds: number | null
}

const text = z.string().min(1).max(1000)
const claimsShape = z.object({
  sub: z.string().min(1).max(255),
  sid: text.optional().catch(undefined),
  email: z.string().max(254).optional().catch(undefined),
  acr: text.optional().catch(undefined),
  amr: z.array(text).max(20).catch([]),
  auth_time: z.number().int().positive().optional().catch(undefined),
})

/** SHA-256 of what the provider calls somebody, or a session: it need not be readable here. */
export const providerHash = (value: string): Buffer => createHash('sha256').update(value, 'utf8').digest()

/** Reads the claims of an ID token that was checked; null when it has no subject. */
export function readClaims(
  claims: Record<string, unknown>,
  settings: SingleSignOnSettings,
): ProviderClaims | null {
  const parsed = claimsShape.safeParse(claims)
  if (!parsed.success) return null
  const { sub, sid, email, acr, amr, auth_time: signedInAt } = parsed.data
  return {
    subjectHash: providerHash(sub),
    sidHash: sid === undefined ? null : providerHash(sid),
    // True and nothing like it: a provider that lets people write any address says false, or the text "true".
    verifiedEmail: claims[settings.emailVerifiedClaim] === true && email !== undefined ? email : null,
    roleWords: settings.roleClaim === undefined ? null : roleWordsOf(claims[settings.roleClaim]),
    isMultiFactor:
      (acr !== undefined && settings.mfaAcr.includes(acr)) ||
      amr.some((method) => settings.mfaAmr.includes(method)),
    ageSeconds:
      signedInAt === undefined ? null : Math.max(0, Math.floor(nowMilliseconds() / 1000 - signedInAt)),
  }
}

function roleWordsOf(claim: unknown): string[] {
  const words = z.array(z.unknown()).catch([claim]).parse(claim)
  return words.filter((word): word is string => typeof word === 'string' && word.length <= 200).slice(0, 500)
}
