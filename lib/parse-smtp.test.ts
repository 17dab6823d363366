import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseEnv } from './parse-env.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'vigil-smtp-'))
const file = path.join(folder, 'password')
writeFileSync(file, 'a password of the mail server\n')
afterAll(() => rmSync(folder, { recursive: true }))

const from = { MAIL_FROM: 'no-reply@clinic.example' }
const smtpOf = (source: Record<string, string>) => parseEnv({ ...from, ...source }).smtp

describe('the mail server', () => {
  test('is none without an address, and TLS is told from it and from nothing else', () => {
    expect(parseEnv({}).smtp).toBeUndefined()
    expect(smtpOf({ SMTP_URL: 'smtps://vigil%40clinic:se%20cret@mail.clinic.example' })).toMatchObject({
      host: 'mail.clinic.example',
      port: 465,
      implicitTls: true,
      isLoopback: false,
      user: 'vigil@clinic',
      password: 'se cret',
    })
    expect(smtpOf({ SMTP_URL: 'smtp://vigil@mail.clinic.example', SMTP_PASSWORD_FILE: file })).toMatchObject({
      port: 587,
      implicitTls: false,
      isLoopback: false,
      passwordFile: file,
    })
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      expect(smtpOf({ SMTP_URL: `smtp://${host}:2525` })).toMatchObject({ isLoopback: true, port: 2525 })
    // names that only look like this machine
    for (const host of ['localhost.example', '127.0.0.1.example', '128.0.0.1'])
      expect(smtpOf({ SMTP_URL: `smtp://${host}` })).toMatchObject({ isLoopback: false })
  })

  test.each([
    [{ SMTP_URL: 'https://mail.clinic.example' }, 'not the address of a mail server'],
    [{ SMTP_URL: 'smtp://mail.clinic.example?ignoreTLS=true' }, 'nothing in the address can change that'],
    [{ SMTP_URL: 'smtp://mail.clinic.example/?secure=false' }, 'nothing in the address can change that'],
    [{ SMTP_URL: 'smtps://a:b@mail.clinic.example', SMTP_PASSWORD_FILE: file }, 'take the password out'],
    [{ SMTP_URL: 'smtps://mail.clinic.example', SMTP_PASSWORD_FILE: file }, 'names no user'],
    [{ SMTP_URL: 'smtps://a@mail.clinic.example', SMTP_PASSWORD_FILE: `${file}.gone` }, 'cannot be read'],
    [{ SMTP_PASSWORD_FILE: file }, 'without SMTP_URL'],
    [{ SMTP_URL: 'smtps://mail.clinic.example', MAIL_FROM: 'the clinic' }, 'MAIL_FROM'],
    [{ SMTP_URL: 'smtps://mail.clinic.example', MAIL_FROM: '' }, 'MAIL_FROM'],
  ])('%o is refused', (source, reason) => {
    expect(() => smtpOf(source as Record<string, string>)).toThrow(reason)
  })
})
