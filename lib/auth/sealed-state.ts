import 'server-only'

import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { z } from 'zod'
import { cookieName, cookieOptions } from './session-cookie.ts'
import { sessionSecret, sessionSecrets } from './session-secret.ts'

/** What is kept in the browser, sealed, while there is no session yet, and for how long. */
const states = {
  /** the password was right; a one-time code or a recovery code is still to come */
  'second-factor': {
    seconds: 5 * 60,
    shape: z.object({
      accountId: z.uuid(),
      label: z.string().optional(),
      /** no password was shown: the provider's ticket stands for it, and is asked for again */
      byProvider: z.boolean().optional(),
    }),
  },
  /** the password was right and a second factor is to be set up: the secret for an app, and how devices list the account */
  enrolment: {
    seconds: 15 * 60,
    shape: z.object({
      accountId: z.uuid(),
      secret: z.string(),
      label: z.string(),
      /** which password was shown (password-version.ts): another one since ends it */
      password: z.string().nullable(),
      /** a code was right, and until this instant a first passkey may be made in place of it */
      due: z.string().optional(),
    }),
  },
  /** new recovery codes, until the person says that they are saved */
  'recovery-codes': {
    seconds: 15 * 60,
    shape: z.object({
      accountId: z.uuid(),
      codes: z.array(z.string()),
      madeAt: z.string(),
      /** the person had others before, which do not work any more */
      replaced: z.boolean().optional(),
    }),
  },
  /** the secret of an authenticator app that is being set up during a session */
  'new-totp': {
    seconds: 15 * 60,
    shape: z.object({ accountId: z.uuid(), secret: z.string() }),
  },
  /** a code of the clinic and the birth date were right; the first password is still to come. The database checks both again. */
  activation: {
    seconds: 15 * 60,
    shape: z.object({ codeHash: z.string(), birthCheck: z.string(), email: z.string() }),
  },
  /** the challenge that a passkey is to answer, and what for */
  passkey: {
    seconds: 5 * 60,
    shape: z.object({
      challenge: z.string(),
      purpose: z.enum(['sign-in', 'step-up', 'recovery', 'add', 'enrol']),
      /** whose it must be; null for whoever holds it */
      accountId: z.uuid().nullable(),
      /** how its owner calls the device that makes it */
      name: z.string().optional(),
    }),
  },
  /** the identity provider said who it is, and our own second factor is still to come */
  federation: {
    seconds: 5 * 60,
    shape: z.object({ accountId: z.uuid(), ticket: z.string() }),
  },
  /** the token of a link in a letter, so that no page has it in its address; none once it did what it is for */
  'mail-link': {
    seconds: 30 * 60,
    shape: z.object({ purpose: z.enum(['not-me', 'recovery', 'new-address']), token: z.string().nullable() }),
  },
  /** where to go on after signing in, and who was there */
  return: {
    seconds: 12 * 60 * 60,
    shape: z.object({ accountId: z.uuid().nullable(), path: z.string().startsWith('/') }),
  },
} as const

export type StateName = keyof typeof states
export type SealedState<Name extends StateName> = z.infer<(typeof states)[Name]['shape']>

/** Reads a sealed cookie. Missing, forged, damaged and expired are all the same: null. */
export async function readSealed<Name extends StateName>(name: Name): Promise<SealedState<Name> | null> {
  for (const password of sessionSecrets(`sealed ${name}`)) {
    const sealed = await open(name, password)
    const parsed = z.object({ state: states[name].shape }).safeParse({ state: sealed.state })
    if (parsed.success) return parsed.data.state as SealedState<Name>
  }
  return null
}

/** Writes a sealed cookie; in actions and route handlers only. */
export async function writeSealed<Name extends StateName>(
  name: Name,
  state: SealedState<Name>,
): Promise<void> {
  const sealed = await open(name, sessionSecret(`sealed ${name}`))
  sealed.state = state
  await sealed.save()
}

/** Deletes a sealed cookie; in actions and route handlers only. */
export async function dropSealed(...names: StateName[]): Promise<void> {
  const jar = await cookies()
  for (const name of names)
    if (jar.has(cookieName(name))) jar.set(cookieName(name), '', { ...cookieOptions, maxAge: 0 })
}

async function open(name: StateName, password: string) {
  return getIronSession<{ state: unknown }>(await cookies(), {
    cookieName: cookieName(name),
    password,
    ttl: states[name].seconds,
    cookieOptions,
  })
}
