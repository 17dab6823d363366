import { verifyAuthenticationResponse } from '@simplewebauthn/server'
import { expect, test } from 'vitest'
import { softPasskey } from '#lib/testing/soft-passkey.ts'
import { newDecoyKey } from './decoy-key.ts'

test('a signature is really checked against the decoy, and is none of its', async () => {
  const origin = 'https://vigil.example.org'
  const answer = softPasskey({ host: 'vigil.example.org', origin }).answer('Y2hhbGxlbmdl')
  const check = (publicKey: Uint8Array) =>
    verifyAuthenticationResponse({
      response: JSON.parse(answer) as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: 'Y2hhbGxlbmdl',
      expectedOrigin: origin,
      expectedRPID: 'vigil.example.org',
      credential: { id: 'x', publicKey: new Uint8Array(publicKey), counter: 0 },
    })
  await expect(check(newDecoyKey())).resolves.toMatchObject({ verified: false })
  // control: what is no key ends before anything was checked
  await expect(check(new Uint8Array(77))).rejects.toThrow()
  expect(newDecoyKey()).not.toEqual(newDecoyKey())
})
