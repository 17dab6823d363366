import { describe, expect, test } from 'vitest'
import { parseEnv } from './parse-env.ts'

// What would be lost if these failed: a provider that is reached without TLS, or a half-made set-up that lets in nobody, or anybody.

const whole = {
  OIDC_ISSUER: 'https://idp.example/realms/clinic',
  OIDC_CLIENT_ID: 'vigil',
  OIDC_CLIENT_SECRET: 'a-secret-of-the-provider',
}

test('without an issuer there is no single sign-on, and with all three there is', () => {
  expect(parseEnv({}).singleSignOn).toBeUndefined()
  const { singleSignOn } = parseEnv(whole)
  expect(singleSignOn).toMatchObject({
    algorithm: 'RS256',
    mfaAmr: ['mfa'],
    roleClaim: undefined,
    isLogoutTyped: true,
  })
  expect(singleSignOn?.clientSecret()).toBe(whole.OIDC_CLIENT_SECRET)
})

describe('a start is refused with', () => {
  test.each([
    ['one of the three missing', { ...whole, OIDC_CLIENT_SECRET: '' }, 'Only some of OIDC_ISSUER'],
    ['a secret twice', { ...whole, OIDC_CLIENT_SECRET_FILE: '/nowhere' }, 'take one of them out'],
    [
      'a secret that cannot be read',
      { ...whole, OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: '/nowhere' },
      'cannot be read',
    ],
    ['an issuer without TLS', { ...whole, OIDC_ISSUER: 'http://idp.example' }, 'without TLS'],
    ['an issuer with a name in it', { ...whole, OIDC_ISSUER: 'https://me:pass@idp.example' }, 'is no issuer'],
    ['an issuer with a query', { ...whole, OIDC_ISSUER: 'https://idp.example?x=1' }, 'is no issuer'],
    ['no signature', { ...whole, OIDC_ALGORITHM: 'none' }, 'OIDC_ALGORITHM is not valid'],
    ['a shared secret for a signature', { ...whole, OIDC_ALGORITHM: 'HS256' }, 'OIDC_ALGORITHM is not valid'],
    ['a scope that is none of OpenID', { ...whole, OIDC_SCOPE: 'email' }, 'OIDC_SCOPE is not valid'],
  ])('%s', (_, given, says) => {
    expect(() => parseEnv(given)).toThrow(says)
  })

  test('but not with one on this machine, which tests need', () => {
    expect(parseEnv({ ...whole, OIDC_ISSUER: 'http://127.0.0.1:4000' }).singleSignOn?.issuer).toBe(
      'http://127.0.0.1:4000',
    )
  })
})
