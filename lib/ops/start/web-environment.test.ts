import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { writeHome } from '#lib/ops/home/open-home.ts'
import { parseEnv, variableNames } from '#lib/parse-env.ts'
import { webEnvironment } from './web-process.ts'

const home = mkdtempSync(path.join(tmpdir(), 'vigil-web-environment-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const databases = variableNames.filter((name) => /^(DATABASE|KEYSTORE)_.*URL$/.test(name))
const told = (environment: Readonly<Record<string, string | undefined>>): string[] =>
  databases.filter((name) => environment[name] !== undefined).toSorted()

test('the web process is told its own two logins and no other, above all not the one that reads the trail', () => {
  expect(databases.length).toBeGreaterThan(7)
  const addresses = databases.map((name) => [name, 'postgres://somebody@localhost/records'] as const)
  const all = { NODE_ENV: 'production' as const, ...Object.fromEntries(addresses) }
  expect(told(webEnvironment({ mode: 'start', environment: {} }, all))).toEqual([
    'DATABASE_URL',
    'KEYSTORE_URL',
  ])
})

test('the same on embedded servers; control: a command is told more', () => {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeHome(home, { kind: 'demo', demo: 'none' })
  const env = parseEnv({ VIGIL_HOME: home })
  expect(told(embeddedEnvironment(env, 'web'))).toEqual(['DATABASE_URL', 'KEYSTORE_URL'])
  expect(told(embeddedEnvironment(env, 'command'))).toContain('DATABASE_AUDIT_URL')
})
