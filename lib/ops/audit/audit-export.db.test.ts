import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { env } from '#lib/env.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'

let cast: SignInCast
let officer: Person
let admin: Person
let passwordFile: string
beforeAll(async () => {
  cast = await makeSignInCast()
  officer = await cast.addPerson('compliance')
  admin = await cast.addPerson('admin')
  passwordFile = path.join(env.home, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
})
afterAll(() => cast.close())

const entries = [{ verb: 'audit export', usage: '', summary: '', load: () => import('./audit-export.ts') }]
const vigil = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const status = await runCommandLine(entries, ['audit', 'export', ...words], () => env, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  })
  return { status, ...said }
}
const as = async (who: Person, ...words: string[]) =>
  vigil(...words, '--as', who.email, '--password-file', passwordFile, '--code', await who.code())

const from = ['--from', new Date(Date.now() - 86_400_000).toISOString()]
const why = ['--reason', 'Asked for by the board of health']

test('writes the entries to a file of one’s own, in an officer’s name, and says so in the trail', async () => {
  const out = path.join(env.home, 'entries.ndjson')
  const done = await as(officer, ...from, ...why, '--out', out, '--json')
  expect(done.status).toBe(0)
  const { rows, bytes } = JSON.parse(done.out) as { rows: number; bytes: number }
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(rows)
  expect(statSync(out)).toMatchObject({ size: bytes })
  expect(statSync(out).mode & 0o777).toBe(0o600)
  const events = (await cast.eventsOf(officer.accountId)).map(({ event }) => event)
  expect(events.filter((event) => event.startsWith('TRAIL_EXPORT_'))).toEqual([
    'TRAIL_EXPORT_REQUESTED',
    'TRAIL_EXPORT_READY',
    'TRAIL_EXPORT_DOWNLOADED',
  ])
  // A file that is there is not written over.
  await cast.nextStep()
  expect((await as(officer, ...from, ...why, '--out', out)).err).toContain('is there already')
})

test('refuses who may not, who proves nothing, and what is not said', async () => {
  const out = path.join(env.home, 'none.ndjson')
  expect(await as(admin, ...from, ...why, '--out', out)).toMatchObject({
    status: 1,
    err: expect.stringContaining('Only compliance officers') as string,
  })
  await cast.nextStep()
  expect(
    await vigil(...from, ...why, '--out', out, '--as', officer.email, '--password-file', passwordFile, '--code', '000000'),
  ).toMatchObject({ status: 1, err: expect.stringContaining('not right') as string }) // prettier-ignore
  for (const wrong of [[...why, '--out', out], [...from, '--out', out], [...from, '--reason', 'short', '--out', out], [...from, ...why]])
    expect((await vigil(...wrong, '--as', officer.email)).status).toBe(2) // prettier-ignore
  expect(() => statSync(out)).toThrow()
})
