import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { makeRecoverySheet } from '#lib/keys/file/make-recovery-sheet.ts'
import { readSheet } from '#lib/keys/file/recovery-sheet.ts'
import { startVigil } from '#lib/testing/vigil-process.ts'
import { testDatabase } from '#lib/testing/test-database.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Gives a command a terminal of its own (Debian's bsdutils). */
const script = '/usr/bin/script'

beforeAll(() => initialiseKeyStore(env))

/** Calls the verb as somebody at a terminal who answers its question. */
async function atTerminal(answer: string): Promise<{ status: number | null; shown: string }> {
  const { urls, home } = await testDatabase()
  const how = ['--disable-warning=ExperimentalWarning', '--conditions=react-server', '--import', 'tsx']
  const command = [process.execPath, ...how, `${root}/bin/vigil.ts`, 'keys', 'recovery-sheet'].join(' ')
  const child = spawn(script, ['-qec', command, '/dev/null'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      TERM: 'dumb',
      NODE_ENV: 'production',
      VIGIL_ENV: 'demo',
      VIGIL_HOME: home,
      DATABASE_URL: urls.app,
      DATABASE_WORKER_URL: urls.worker,
      KEYSTORE_URL: urls.keystore,
      KEYSTORE_OPERATOR_URL: urls.keystore_operator,
      SESSION_SECRET: 'demo-secret-of-the-database-tests-and-of-nothing-else',
    },
  })
  let shown = ''
  let asked = false
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (asked || !shown.includes('go on: ')) return
    asked = true
    child.stdin.write(`${answer}\n`)
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, shown }
}

describe.skipIf(!existsSync(script))('keys recovery-sheet on a terminal (needs script of bsdutils)', () => {
  test('asks, and shows a sheet from which the keyring can be read back', { timeout: 240_000 }, async () => {
    const { status, shown } = await atTerminal('print')
    expect(status, shown).toBe(0)
    const { lines } = await makeRecoverySheet(env)
    for (const line of lines) expect(shown).toContain(line)
    expect(readSheet(shown.slice(0, shown.indexOf('Code 1'))).credential.kind).toBe('file')
  })

  test('shows nothing to somebody who says no', { timeout: 240_000 }, async () => {
    const { status, shown } = await atTerminal('no')
    expect(status).toBe(1)
    expect(shown).toContain('Nothing was printed.')
    expect(shown).not.toMatch(/^\d{3} {2}[0-9A-Z]{5}/m)
  })
})

test('shows nothing where there is no terminal', { timeout: 240_000 }, async () => {
  for (const words of [[], ['--json']]) {
    const verb = await startVigil(['keys', 'recovery-sheet', ...words])
    expect(await verb.ended).toBe(1)
    expect(verb.said.out + verb.said.err).toContain('on a terminal only')
    expect(verb.said.out + verb.said.err).not.toMatch(/^\d{3} {2}[0-9A-Z]{5}/m)
  }
})
