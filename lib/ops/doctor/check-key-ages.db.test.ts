import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nowMilliseconds } from '#lib/clock.ts'
import { env as processEnv } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { parseEnv, type Env } from '#lib/parse-env.ts'
import { formerSecretSeconds } from '#lib/secret-file.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { checkKeyAges } from './check-key-ages.ts'
import { checkSecretFiles } from './check-secret-files.ts'

let superuser: pg.Client
let keystore: pg.Client
let env: Env
let variables: Record<string, string>
beforeAll(async () => {
  const { urls, home } = await testDatabase()
  await initialiseKeyStore(processEnv)
  ;[superuser, keystore] = [urls.superuser, urls.keystore_superuser].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client]
  await Promise.all([superuser.connect(), keystore.connect()])
  variables = { VIGIL_HOME: home, DATABASE_URL: urls.app, KEYSTORE_URL: urls.keystore }
  env = parseEnv(variables)
})
afterAll(() => Promise.all([superuser.end(), keystore.end()]))

const findings = async (): Promise<string[]> =>
  (await checkKeyAges(env)).filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`)

describe('vigil doctor looks at ages', () => {
  test('finds nothing in a new installation, and tells each kind', async () => {
    const checks = await checkKeyAges(env)
    expect(checks.map(({ name }) => name)).toEqual([
      'age: root key',
      'age: key-encryption key',
      'age: data keys',
      'age: search index key',
      'age: database passwords',
      'age: session secret',
      'key ring: serial',
    ])
    expect(checks.every(({ ok }) => ok)).toBe(true)
  })

  test('finds a password and a data key that are too old, with what to do', async () => {
    await superuser.query(
      `UPDATE app.credential SET changed_at = now() - interval '91 days' WHERE name = 'session'`,
    )
    await keystore.query(
      `UPDATE keys.data_key SET created_at = now() - interval '731 days' WHERE purpose = 'data-key'`,
    )
    expect(await findings()).toEqual([
      'age: data keys: 731 days, at most 730 are allowed: run "vigil keys rotate --data" on the server.',
      'age: session secret: 91 days, at most 90 are allowed: run "vigil db rotate-credentials --login session" on the server.',
    ])
  })

  test('reminds without finding fault', async () => {
    await superuser.query(
      `UPDATE app.credential SET changed_at = now() - interval '80 days' WHERE name = 'session'`,
    )
    const check = (await checkKeyAges(env)).find(({ name }) => name === 'age: session secret')
    expect(check).toEqual({
      name: 'age: session secret',
      ok: true,
      detail: '80 of 90 days; due in 10 days: "vigil db rotate-credentials --login session"',
    })
  })
})

describe('vigil doctor looks at secret files', () => {
  const outside = (name: string, text: string, mode: number): string => {
    const folder = path.join(env.home, 'mounted')
    mkdirSync(folder, { recursive: true })
    const file = path.join(folder, name)
    writeFileSync(file, text)
    chmodSync(file, mode)
    return file
  }
  const look = (file: string, session: string): string[] => {
    const address = new URL(variables['DATABASE_URL'] ?? '')
    address.password = ''
    address.searchParams.set('password_file', file)
    const given = parseEnv({ ...variables, DATABASE_URL: address.href, SESSION_SECRET_FILE: session })
    return checkSecretFiles(given).flatMap(({ ok, detail }) => (ok ? [] : [detail]))
  }

  test('finds one that others can read, a change that was cut short, and a former secret', () => {
    const session = outside('session', 'present', 0o600)
    expect(look(outside('fine', 'one', 0o640), session)).toEqual([])
    expect(look(outside('open', 'one', 0o644), session)[0]).toContain('open (0644)')
    expect(look(outside('half', 'one\ntwo', 0o600), session)[0]).toContain('password of app')

    writeFileSync(session, 'present\nformer')
    expect(look(outside('fine', 'one', 0o640), session)).toEqual([])
    const over = nowMilliseconds() / 1000 - formerSecretSeconds - 1
    utimesSync(session, over, over)
    expect(look(outside('fine', 'one', 0o640), session)[0]).toContain('former session secret')
  })
})
