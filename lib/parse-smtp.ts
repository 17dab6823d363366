import { z } from 'zod'

import { readSecretLines } from './secret-file.ts'

/* Settings of the mail server by which letters leave. */
export const smtpVariables = {
  SMTP_URL: z.string().optional(),
  SMTP_PASSWORD_FILE: z.string().optional(),
  MAIL_FROM: z.string().optional(),
}

type Variables = z.infer<z.ZodObject<typeof smtpVariables>>

export type SmtpEnv = {
  /** the way letters take; without it a demo keeps them, and production says so */
  readonly smtp:
    | {
        readonly host: string
        readonly port: number
        /** TLS from the first byte; otherwise STARTTLS, which beyond this machine is compulsory */
        readonly implicitTls: boolean
        readonly isLoopback: boolean
        readonly user: string | undefined
        readonly password: string | undefined
        /** read anew for every run, so that the password can be changed while Vigil runs */
        readonly passwordFile: string | undefined
        /** address that letters come from */
        readonly from: string
      }
    | undefined
}

const isLoopback = (host: string): boolean => /^(localhost|127[.][0-9.]+|\[::1\])$/.test(host)

const canRead = (file: string): boolean => {
  try {
    return readSecretLines(file).length > 0
  } catch {
    return false
  }
}

/** Why Vigil must not start with these settings: one sentence each. */
export const smtpRefusals = function* (given: Variables): Generator<string> {
  const { SMTP_URL: address, SMTP_PASSWORD_FILE: file, MAIL_FROM: from } = given
  if (address === undefined) {
    if (file !== undefined) yield 'SMTP_PASSWORD_FILE is set without SMTP_URL: set the address of your mail server too.' // prettier-ignore
    return
  }
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    yield 'SMTP_URL is not the address of a mail server: write smtps://user@host:465, or smtp://user@host:587 for STARTTLS.'
  else {
    if (url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname))
      yield 'SMTP_URL has more than user, host and port: TLS is compulsory beyond this machine, and nothing in the address can change that.'
    if (url.password !== '' && file !== undefined)
      yield 'SMTP_URL holds a password and SMTP_PASSWORD_FILE is set: take the password out of the address.'
    if ((url.password !== '' || file !== undefined) && url.username === '')
      yield 'SMTP_URL names no user for its password: write smtps://user@host:465.'
  }
  if (file !== undefined && !canRead(file))
    yield 'SMTP_PASSWORD_FILE cannot be read: check the path and that the user who starts Vigil may read it.'
  if (!z.email().safeParse(from).success)
    yield 'MAIL_FROM is not an e-mail address: set the one that letters come from, such as no-reply@clinic.example.'
}

/** Reads them; call smtpRefusals first. */
export const readSmtp = (given: Variables): SmtpEnv => {
  if (given.SMTP_URL === undefined || given.MAIL_FROM === undefined) return { smtp: undefined }
  const url = new URL(given.SMTP_URL)
  const implicitTls = url.protocol === 'smtps:'
  return {
    smtp: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port),
      implicitTls,
      isLoopback: isLoopback(url.hostname),
      user: url.username === '' ? undefined : decodeURIComponent(url.username),
      password: url.password === '' ? undefined : decodeURIComponent(url.password),
      passwordFile: given.SMTP_PASSWORD_FILE,
      from: given.MAIL_FROM,
    },
  }
}
