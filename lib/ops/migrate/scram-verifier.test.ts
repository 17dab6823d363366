import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { scramVerifier } from './scram-verifier.ts'

// RFC 7677 §3: user "user", password "pencil", and the signature that the server answers with.
const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='
const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const authMessage = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`

it('a password’s verifier answers the exchange of RFC 7677', () => {
  const verifier = scramVerifier('pencil', Buffer.from(salt, 'base64'))
  const [, storedKey = '', serverKey = ''] = /\$([^:$]+):([^:$]+)$/.exec(verifier) ?? []
  expect(verifier.startsWith(`SCRAM-SHA-256$4096:${salt}$`)).toBe(true)
  const sign = (key: string): Buffer =>
    createHmac('sha256', Buffer.from(key, 'base64')).update(authMessage).digest()
  expect(sign(serverKey).toString('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  // ClientKey = ClientProof XOR ClientSignature, and its hash is the stored key.
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')
  const clientKey = Buffer.from(proof.map((byte, index) => byte ^ (sign(storedKey)[index] ?? 0)))
  expect(createHash('sha256').update(clientKey).digest('base64')).toBe(storedKey)
})

it('has another salt each time and never holds the password', () => {
  const [one, two] = [scramVerifier('correct-horse'), scramVerifier('correct-horse')]
  expect(one).not.toBe(two)
  expect(one + two).not.toContain('correct-horse')
})
