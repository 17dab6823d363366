import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { env } from '#lib/env.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'

let cast: SignInCast
let officer: Person
let passwordFile: string
beforeAll(async () => {
  cast = await makeSignInCast()
  officer = await cast.addPerson('compliance')
  passwordFile = path.join(env.home, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
})
afterAll(() => cast.close())

const entries = [{ verb: 'audit search', usage: '', summary: '', load: () => import('./audit-search.ts') }]

/** The verb in somebody's name, with a code that was not used yet. */
async function searchAs(who: Person, ...words: string[]) {
  await cast.nextStep()
  const said = { out: '', err: '' }
  const streams = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  }
  const status = await runCommandLine(
    entries,
    [
      'audit',
      'search',
      ...words,
      '--as',
      who.email,
      '--password-file',
      passwordFile,
      '--code',
      await who.code(),
    ],
    () => env,
    streams,
  )
  return { status, ...said }
}

test('answers a compliance officer as the pages do, page by page, and the search is on record', async () => {
  const first = await searchAs(officer, 'role:service', 'last:24h', '--limit', '2', '--json')
  expect(first.status).toBe(0)
  const answer = JSON.parse(first.out) as {
    entries: { logId: string; patientReference: string }[]
    count: number
    next: string
  }
  expect(answer.entries).toHaveLength(2)
  expect(answer.count).toBeGreaterThan(2)
  expect(answer.entries[0]?.patientReference).toMatch(/^P-/)
  const second = await searchAs(officer, 'role:service', 'last:24h', '--limit', '2', '--after', answer.next)
  expect(second.out).toContain('2 shown')
  for (const { logId } of answer.entries) expect(second.out).not.toContain(logId)
  const { rows } = await cast.sql.superuser.query<{ detail: object }>(
    `SELECT detail FROM audit.security_event_log WHERE event_type = 'AUDIT_SEARCH' ORDER BY seq DESC LIMIT 1`,
  )
  expect(rows[0]?.detail).toMatchObject({ role: 'service', limit: 3 })
})

test('refuses other people, and names what is wrong in the words', async () => {
  const admin = await cast.addPerson('admin')
  expect(await searchAs(admin, 'last:24h')).toMatchObject({ status: 1 })
  expect(await searchAs(officer, 'colour:red')).toMatchObject({ status: 2 })
  expect(await searchAs(officer, 'last:24h', '--sort', 'colour')).toMatchObject({ status: 2 })
  expect(await searchAs(officer, 'last:24h', '--limit', '9000')).toMatchObject({ status: 2 })
  expect(await searchAs(officer, 'who:Nobody Here')).toMatchObject({ status: 2 })
  expect(await searchAs(officer, 'mrn:NO-SUCH-NUMBER', 'last:24h')).toMatchObject({ status: 1 })
})
