import { describe, expect, it } from 'vitest'
import { NotConfigured } from './errors.ts'
import { parseEnv } from './parse-env.ts'

/** The sentences with which these settings are refused; empty when they are not. */
const refusal = (source: Record<string, string>): string => {
  try {
    parseEnv(source)
    return ''
  } catch (error) {
    if (error instanceof NotConfigured) return error.message
    throw error
  }
}

const complete = {
  'aws-kms': { AWS_KMS_KEY_ID: 'alias/vigil' },
  vault: { VAULT_ADDR: 'https://vault.example:8200', VAULT_TOKEN_FILE: '/run/vigil/token' },
  pkcs11: {
    PKCS11_MODULE: '/usr/lib/softhsm/libsofthsm2.so',
    PKCS11_TOKEN_LABEL: 'vigil',
    PKCS11_PIN_FILE: '/run/vigil/pin',
  },
} as const

describe('settings of key providers', () => {
  it.each(Object.entries(complete))(
    '%s: complete ones are taken, and each missing one is named',
    (name, settings) => {
      expect(refusal({ KEY_PROVIDER: name, ...settings })).toBe('')
      for (const missing of Object.keys(settings)) {
        const rest = Object.fromEntries(Object.entries(settings).filter(([setting]) => setting !== missing))
        expect(refusal({ KEY_PROVIDER: name, ...rest })).toMatch(new RegExp(`${missing} is missing`))
        // Control: nobody asks for it while another provider is used.
        expect(refusal(rest)).toBe('')
      }
    },
  )

  it('are there before they are used, so that keys can be moved', () => {
    const env = parseEnv({ ...complete['aws-kms'], ...complete.vault, ...complete.pkcs11 })
    expect(env.keyProvider).toBe('file')
    expect(env.awsKms?.keyId).toBe('alias/vigil')
    expect(env.vault).toMatchObject({ mount: 'transit', key: 'vigil' })
    expect(env.pkcs11?.tokenLabel).toBe('vigil')
    expect(parseEnv({})).toMatchObject({ awsKms: undefined, vault: undefined, pkcs11: undefined })
  })

  it.each(['VAULT_ADDR', 'AWS_KMS_ENDPOINT'])('%s: no key goes over a network in clear', (name) => {
    for (const address of ['http://vault.example:8200', 'http://10.0.0.5:8200', 'http://127.0.0.1.example:1'])
      expect(refusal({ [name]: address })).toMatch(new RegExp(`^${name} would be reached without encryption`))
    for (const address of [
      'https://vault.example:8200',
      'http://127.0.0.1:8200',
      'http://localhost:1',
      'http://[::1]:8200',
    ])
      expect(refusal({ [name]: address })).toBe('')
  })

  it('a PIN is in one place only', () => {
    expect(refusal({ ...complete.pkcs11, PKCS11_PIN: '1234' })).toMatch(/Both PKCS11_PIN/)
  })

  it.each([
    { VAULT_ADDR: 'vault.example' },
    { VAULT_TRANSIT_KEY: '../sys/seal' },
    { VAULT_TRANSIT_MOUNT: 'a/../b' },
  ])('are refused by name when they are not valid: %o', (source) => {
    expect(refusal(source as Record<string, string>)).toContain(Object.keys(source)[0])
  })
})
