import 'server-only'

import { cookies } from 'next/headers'
import { cookieName, cookieOptions } from './session-cookie.ts'

const recordCookie = cookieName('record')
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Which of several records a proxy is looking at: an opaque id that this browser remembers until it is closed. It grants
 * nothing: every page asks the database what the account may open.
 */
export async function readChosenRecord(): Promise<string | null> {
  const value = (await cookies()).get(recordCookie)?.value
  return value !== undefined && uuid.test(value) ? value : null
}

/** Remembers a choice. Anything that is not an id is forgotten instead. */
export async function rememberChosenRecord(patientId: string): Promise<void> {
  if (uuid.test(patientId)) (await cookies()).set(recordCookie, patientId, cookieOptions)
  else await forgetChosenRecord()
}

/** Deletes the choice, as signing out does. */
export async function forgetChosenRecord(): Promise<void> {
  ;(await cookies()).set(recordCookie, '', { ...cookieOptions, maxAge: 0 })
}
