import 'server-only'

import { createHash, randomBytes } from 'node:crypto'
import { env } from '#lib/env.ts'
import { paths } from '#lib/paths.ts'

/** A new token of 256 bits. It stands in one letter and nowhere else. */
export const newLinkToken = (): string => randomBytes(32).toString('base64url')

/** What app.mail_link holds of a token. It is random and long, so a fast hash is enough. */
export const linkHash = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest()

/** The address that stands in a letter. Opening it does nothing but lead to a page with a button. */
export const linkAddress = (purpose: string, token: string): string =>
  new URL(paths.mailLink(purpose, token), env.url).href
