import 'server-only'

import { createTransport } from 'nodemailer'
import type { Env } from '#lib/parse-env.ts'
import { readSecretLines } from '#lib/secret-file.ts'
import type { Letter } from './compose-letter.ts'

/** Why a letter was not taken: a reply code of SMTP (RFC 5321 §4.2) or a system code. */
export class LetterRefused extends Error {
  override readonly name = 'LetterRefused'
  readonly code: string
  /** the address is nobody's: trying again is of no use */
  readonly isForGood: boolean
  /** the server cannot be reached or does not let us in: the next letter would fare no better */
  readonly isServers: boolean

  constructor(code: string, isForGood: boolean, isServers: boolean) {
    super('a letter was not taken')
    this.code = code
    this.isForGood = isForGood
    this.isServers = isServers
  }
}

export type Transport = {
  /** @param id of the outbox's row: the same letter keeps its Message-ID over every try */
  send: (id: string, letter: Letter) => Promise<void>
  close: () => void
}

const seconds = 1000

/**
 * Opens the way to the clinic's mail server. Beyond this machine nothing goes over the line before TLS 1.2 or later stands and the
 * server's certificate was checked (RFC 8314 §4.1); there is no setting that turns this off.
 */
export function openTransport(smtp: NonNullable<Env['smtp']>, host: string): Transport {
  const password = smtp.passwordFile === undefined ? smtp.password : readSecretLines(smtp.passwordFile)[0]
  const mailer = createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.implicitTls,
    requireTLS: !smtp.isLoopback && !smtp.implicitTls,
    ignoreTLS: smtp.isLoopback && !smtp.implicitTls,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(smtp.user === undefined ? {} : { auth: { user: smtp.user, pass: password ?? '' } }),
    name: host,
    pool: true,
    maxConnections: 1,
    connectionTimeout: 10 * seconds,
    greetingTimeout: 10 * seconds,
    socketTimeout: 30 * seconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async (id, { to, subject, text }) => {
      try {
        await mailer.sendMail({
          from: smtp.from,
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@${host}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
      } catch (cause) {
        throw refusalOf(cause)
      }
    },
    close: () => mailer.close(),
  }
}

/** What is kept of an SMTP error: numbers. Its text may quote the address. */
function refusalOf(cause: unknown): LetterRefused {
  const fault = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    responseCode?: unknown
    code?: unknown
    command?: unknown
  }
  const reply = typeof fault.responseCode === 'number' ? fault.responseCode : undefined
  const code =
    typeof fault.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(fault.code) ? fault.code : 'EUNKNOWN'
  const isAboutRecipient = code === 'EENVELOPE' || fault.command === 'RCPT TO'
  return new LetterRefused(
    reply === undefined ? code : String(reply),
    isAboutRecipient && reply !== undefined && reply >= 550 && reply <= 553,
    !isAboutRecipient && code !== 'EMESSAGE',
  )
}
