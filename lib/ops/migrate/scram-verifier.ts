import 'server-only'
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/**
 * What Postgres stores in place of a password (RFC 5802, RFC 7677), computed here so that the password itself never
 * travels in an SQL statement. Our passwords are base64url, so SASLprep (RFC 4013) leaves them as they are.
 */
export const scramVerifier = (password: string, salt = randomBytes(16), iterations = 4096): string => {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}
