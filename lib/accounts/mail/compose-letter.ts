import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { openTexts } from '#lib/accounts/sealed-text.ts'
import { openAccountSecret } from '#lib/auth/account-secrets.ts'
import { browserName } from '#lib/auth/browser-name.ts'
import { formatDateTimeForPatient } from '#lib/format.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { coarsePlace } from './coarse-place.ts'
import { linkAddress, linkHash, newLinkToken } from './mail-link.ts'
import { hasLink, letterWords } from './words.ts'

/** A row of app.mail_take. */
export type TakenMail = {
  mail_id: string
  account_id: string
  role: string
  kind: string
  email_sealed: string
  recipient_text_id: string | null
  recipient_sealed: string | null
  created_at: Date
  user_agent: string | null
  client_ip: string | null
}

export type Letter = { to: string; subject: string; text: string }

/**
 * Writes a letter that was taken from the outbox. Its link is made now and replaces one that an earlier try had: the token is in
 * this letter and nowhere else.
 * @param job the service session of the job "mail"
 * @throws KeysUnavailable when the address cannot be opened
 */
export async function composeLetter(job: Actor, mail: TakenMail): Promise<Letter> {
  const to = await recipientOf(mail)
  const facts = {
    isStaff: mail.role !== 'patient' && mail.role !== 'proxy',
    at: formatDateTimeForPatient(mail.created_at.toISOString()),
    browser: mail.user_agent === null ? null : browserName(mail.user_agent),
    place: coarsePlace(mail.client_ip),
  }
  const link = hasLink(mail.kind) ? await makeLink(job, mail.mail_id) : null
  return { to, ...letterWords(mail.kind, facts, link) }
}

async function recipientOf(mail: TakenMail): Promise<string> {
  if (mail.recipient_text_id === null || mail.recipient_sealed === null)
    return openAccountSecret('email', mail.account_id, mail.email_sealed)
  const texts = await openTexts([{ id: mail.recipient_text_id, sealed: mail.recipient_sealed }])
  return texts.get(mail.recipient_text_id) ?? ''
}

async function makeLink(job: Actor, mailId: string): Promise<string | null> {
  const token = newLinkToken()
  const [row] = await appQuery<{ purpose: string | null }>(
    'SELECT app.mail_link_make($1, $2, $3) AS purpose',
    [job.sessionToken, mailId, linkHash(token)],
    'worker',
  )
  return row?.purpose ? linkAddress(row.purpose, token) : null
}
