import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { NotConfigured } from './errors.ts'
import { demoSecretPrefix, parseEnv } from './parse-env.ts'

const secret = 'kQ3vN8pXr2TzLw6YbHs1Mf5JdGc9Ae4U'
const verified = '?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem'
const production = {
  VIGIL_ENV: 'production',
  SESSION_SECRET: secret,
  DATABASE_URL: `postgresql://vigil_app:${secret}@db.example/vigil${verified}`,
  KEYSTORE_URL: `postgresql://vigil_keys:${secret}@keys.example/vigil_keys${verified}`,
}

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

describe('settings', () => {
  it('need nothing: the demo starts without a single variable', () => {
    const env = parseEnv({})
    expect(env).toMatchObject({
      environment: 'demo',
      port: 3000,
      listenAddress: '127.0.0.1',
      url: 'http://localhost:3000',
    })
    expect(path.isAbsolute(env.home)).toBe(true)
    expect(env.databaseUrl).toBeUndefined()
  })

  it('count an empty text as missing', () => {
    expect(parseEnv({ PORT: '', DATABASE_URL: '', VIGIL_HOME: '' })).toEqual(parseEnv({}))
  })

  it.each([
    { PORT: '0' },
    { PORT: '70000' },
    { PORT: 'web' },
    { VIGIL_ENV: 'staging' },
    { VIGIL_URL: 'ftp://x' },
    { KEY_PROVIDER: 'none' },
  ])('are refused by name when they are not valid: %o', (source) => {
    expect(refusal(source as Record<string, string>)).toContain(Object.keys(source)[0])
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(parseEnv({}))).toBe(true)
  })
})

describe('production', () => {
  it('starts with verified TLS, its own secrets and loopback', () => {
    expect(refusal(production)).toBe('')
  })

  it('starts with embedded databases, which have their own secrets', () => {
    expect(refusal({ VIGIL_ENV: 'production' })).toBe('')
  })

  const weak = [
    '',
    '?sslmode=require',
    '?sslmode=no-verify',
    '?sslmode=verify-ca',
    `${verified}&uselibpqcompat=true`,
    `${verified}&ssl=0`,
  ]
  it.each(weak)('refuses a database that is not on verified TLS (%s)', (query) => {
    for (const name of [
      'DATABASE_URL',
      'DATABASE_WORKER_URL',
      'DATABASE_SEALER_URL',
      'DATABASE_AUDIT_URL',
      'DATABASE_OWNER_URL',
      'KEYSTORE_URL',
      'KEYSTORE_OWNER_URL',
    ])
      expect(refusal({ ...production, [name]: `postgresql://x:${secret}@db.example/vigil${query}` })).toMatch(
        new RegExp(`^${name} would reach its database without verified TLS: add`),
      )
  })

  it('refuses plain TCP on the loopback too, and takes a local socket', () => {
    expect(refusal({ ...production, DATABASE_URL: `postgresql://a:${secret}@127.0.0.1/vigil` })).toContain(
      'verified TLS',
    )
    expect(
      refusal({ ...production, DATABASE_URL: `postgresql://a:${secret}@/vigil?host=/run/postgresql` }),
    ).toBe('')
    expect(
      refusal({
        ...production,
        DATABASE_URL: `postgresql://a:${secret}@localhost/vigil?host=/run/postgresql`,
      }),
    ).toBe('')
  })

  it('is not misled by a host in the query', () => {
    expect(
      refusal({ VIGIL_ENV: 'demo', DATABASE_URL: 'postgresql://a:b@localhost/vigil?host=db.example' }),
    ).toContain('verified TLS')
  })

  it('refuses a secret that is missing, short, or a demo’s', () => {
    const { SESSION_SECRET: _, ...without } = production
    expect(refusal(without)).toMatch(/^SESSION_SECRET is missing/)
    expect(refusal({ ...production, SESSION_SECRET: 'short' })).toMatch(/^SESSION_SECRET is shorter than 32/)
    expect(refusal({ ...production, SESSION_SECRET: `${demoSecretPrefix}${secret}` })).toMatch(
      /^SESSION_SECRET is the secret of a demo/,
    )
    expect(refusal({ ...production, KEYRING_PASSPHRASE: 'short' })).toMatch(/^KEYRING_PASSPHRASE is shorter/)
    const url = (password: string): string => `postgresql://vigil_app:${password}@db.example/vigil${verified}`
    expect(refusal({ ...production, DATABASE_URL: url('short') })).toMatch(
      /^The password in DATABASE_URL is shorter/,
    )
    expect(refusal({ ...production, DATABASE_URL: url(`${demoSecretPrefix}${secret}`) })).toContain(
      'is the secret of a demo',
    )
  })

  it('refuses one external server beside one embedded', () => {
    const { KEYSTORE_URL: _, ...without } = production
    expect(refusal(without)).toMatch(/^Only one of DATABASE_URL and KEYSTORE_URL is set/)
  })

  it('never repeats a secret in its refusal', () => {
    const text = refusal({
      ...production,
      SESSION_SECRET: 'hunter2',
      DATABASE_URL: 'postgresql://a:hunter2@db.example/vigil',
    })
    expect(text).not.toBe('')
    expect(text).not.toContain('hunter2')
  })

  it('tells all that is wrong at once, a sentence each', () => {
    const text = refusal({
      ...production,
      SESSION_SECRET: 'short',
      LISTEN_ADDRESS: '0.0.0.0',
      TLS_CERT_FILE: '/nowhere',
    })
    expect(text.split('\n')).toHaveLength(3)
  })
})

describe('the web address', () => {
  it('goes beyond loopback only with TLS or a trusted proxy, in the demo too', () => {
    for (const address of ['0.0.0.0', '::', '192.0.2.7', 'clinic.example']) {
      expect(refusal({ LISTEN_ADDRESS: address })).toContain('beyond this machine, without encryption')
      expect(refusal({ LISTEN_ADDRESS: address, TRUSTED_PROXY: '10.0.0.5, 10.1.0.0/16' })).toBe('')
    }
    for (const address of ['127.0.0.1', '127.8.0.1', '::1', 'localhost'])
      expect(refusal({ LISTEN_ADDRESS: address })).toBe('')
  })

  it('takes TLS files as a pair that can be read', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'vigil-env-'))
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(directory, name)) as [string, string]
    for (const file of [cert, key]) writeFileSync(file, 'pem')
    expect(refusal({ TLS_CERT_FILE: cert })).toContain('Only one of TLS_CERT_FILE and TLS_KEY_FILE')
    expect(refusal({ TLS_CERT_FILE: cert, TLS_KEY_FILE: '/nowhere' })).toMatch(/^TLS_KEY_FILE cannot be read/)
    expect(parseEnv({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key, LISTEN_ADDRESS: '0.0.0.0' }).url).toBe(
      'https://localhost:3000',
    )
  })

  it.each(['proxy', '10.0.0.5/x', '10.0.0.5,', '10.0.0.5/8/8'])('refuses %s as a trusted proxy', (list) => {
    expect(refusal({ TRUSTED_PROXY: list })).toMatch(/^TRUSTED_PROXY is not a list/)
  })
})

describe('a secret in a file', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'vigil-env-'))
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(directory, name), text)
    return path.join(directory, name)
  }
  const withFile = (password: string, address = 'postgresql://vigil_app@db.example/vigil') => ({
    ...production,
    DATABASE_URL: `${address}${verified}&password_file=${encodeURIComponent(password)}`,
  })

  it('is as good as one in the address, also while it is being changed', () => {
    expect(refusal(withFile(file('one', `${secret}\n`)))).toBe('')
    expect(refusal(withFile(file('two', `${secret}\n${secret.toLowerCase()}\n`)))).toBe('')
  })

  it('is refused when it is not there, empty, relative, short, of a demo, or beside one in the address', () => {
    expect(refusal(withFile(path.join(directory, 'none')))).toContain('cannot be read')
    expect(refusal(withFile(file('empty', '\n')))).toContain('cannot be read')
    expect(refusal(withFile('secrets/one'))).toContain('not an absolute path')
    expect(refusal(withFile(file('short', 'short')))).toContain('shorter than 16')
    expect(refusal(withFile(file('demo', `${secret}\n${demoSecretPrefix}${secret}`)))).toContain(
      'the secret of a demo',
    )
    expect(
      refusal(withFile(file('both', secret), `postgresql://vigil_app:${secret}@db.example/vigil`)),
    ).toContain('take the password out')
  })

  it('can be the session secret', () => {
    const { SESSION_SECRET: _, ...rest } = production
    expect(refusal(rest)).toContain('SESSION_SECRET is missing')
    const good = file('session', `${secret}\n${secret}`)
    expect(refusal({ ...rest, SESSION_SECRET_FILE: good })).toBe('')
    expect(parseEnv({ SESSION_SECRET_FILE: good }).sessionSecretFile).toBe(good)
    expect(refusal({ ...production, SESSION_SECRET_FILE: good })).toContain('take one of them out')
    expect(refusal({ ...rest, SESSION_SECRET_FILE: '/nowhere' })).toContain('cannot be read')
    expect(refusal({ ...rest, SESSION_SECRET_FILE: file('weak', 'weak') })).toContain('shorter than 32')
  })
})
