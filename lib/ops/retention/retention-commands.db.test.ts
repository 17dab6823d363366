import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Sealer } from '#lib/audit/seal/sealer.ts'
import { env } from '#lib/env.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey, verifierKeyFile } from '#lib/ops/seal/seal-key.ts'
import { plantTrailMonth } from '#lib/testing/plant-trail-month.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { makeSignInCast, password, type Person, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { verifyArchive } from '#lib/verifier/verify.mjs'

// What would be lost if these failed: the operator would take months out by commands that say one thing and do another.

let cast: SignInCast
let sealer: pg.Client
let admin: Person
let officer: Person
/** an entry of July 2013 */
let july: string
const passwordFile = path.join(env.home, 'password')

const entries = [
  { verb: 'retention status', usage: '', summary: '', load: () => import('./retention-status.ts') },
  { verb: 'retention set', usage: '', summary: '', load: () => import('./retention-set.ts') },
  { verb: 'retention archive', usage: '', summary: '', load: () => import('./retention-archive.ts') },
  { verb: 'retention restore-archive', usage: '', summary: '', load: () => import('./retention-restore-archive.ts') },
  { verb: 'audit export', usage: '', summary: '', load: () => import('#lib/ops/audit/audit-export.ts') },
  { verb: 'audit prove', usage: '', summary: '', load: () => import('#lib/ops/audit/audit-prove.ts') },
  { verb: 'audit search', usage: '', summary: '', load: () => import('#lib/ops/audit/audit-search.ts') },
  { verb: 'audit verify', usage: '', summary: '', load: () => import('#lib/ops/audit/audit-verify.ts') },
] // prettier-ignore

const vigil = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const streams = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  }
  const status = await runCommandLine(entries, words, () => env, streams)
  return { status, ...said }
}
/** A verb in somebody's name, with a code that was not used yet. */
const as = async (who: Person, ...words: string[]) => {
  await cast.nextStep()
  return vigil(...words, '--as', who.email, '--password-file', passwordFile, '--code', await who.code())
}
const seal = () =>
  sealAll(
    new Sealer(
      sealer,
      (incarnation) => readSealKey(env.home, incarnation),
      openFileAnchor(anchorFile(env.home)),
    ),
    cast.sql.superuser,
  )
const requestOf = ({ out }: { out: string }): string => (JSON.parse(out) as { requestId: string }).requestId

beforeAll(async () => {
  cast = await makeSignInCast()
  admin = await cast.addPerson('admin')
  officer = await cast.addPerson('compliance')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  sealer = new pg.Client({ connectionString: (await testDatabase()).urls.sealer })
  await sealer.connect()
  makeMissingSealKey(env.home, 'https://clinic.example')
  await plantTrailMonth(cast.sql.superuser, cast.maria, '2013-07', 20)
  const { rows } = await cast.sql.superuser.query<{ log_id: string }>(
    'SELECT log_id FROM audit.patient_phi_audit_log_201307 LIMIT 1',
  )
  july = rows[0]?.log_id ?? ''
  await seal()
})
afterAll(async () => {
  await sealer.end()
  await cast.close()
})

test('a month leaves by two persons’ commands, is read by an outsider’s, and comes back', async () => {
  const before = await vigil('retention', 'status')
  expect(before).toMatchObject({ status: 0 })
  expect(before.out).toContain('kept for 10 years')
  expect(before.out).toContain('May leave: 2013-07')

  const asked = await as(admin, 'retention', 'archive', '--month', '2013-07', '--json')
  expect(asked.status, asked.err).toBe(0)
  const request = requestOf(asked)
  const alone = await as(admin, 'retention', 'archive', '--confirm', request)
  expect(alone.status).toBe(1)
  expect(alone.err).toContain('another person')
  expect((await vigil('retention', 'status')).out).toContain(`waits for another person: 2013-07  ${request}`)
  const done = await as(officer, 'retention', 'archive', '--confirm', request)
  expect(done.status, done.err).toBe(0)
  expect(done.out).toContain('2013-07: 24 entries in archive/trail-2013-07-')
  await seal()
  expect((await vigil('audit', 'verify')).out).toContain('is as it was sealed')

  // What left is proven from its file, or said to be in it; a search says what it did not look at.
  const proof = await vigil('audit', 'prove', july, '--json')
  expect(proof.status, proof.err).toBe(0)
  expect(proof.out).toContain(july)
  const folder = path.join(env.home, 'archive')
  renameSync(folder, `${folder}.away`)
  const away = await vigil('audit', 'prove', july)
  renameSync(`${folder}.away`, folder)
  expect(away.status).toBe(1)
  expect(away.err).toMatch(new RegExp(`Archived: ${july} \\(2013-07\\).*trail-2013-07-`))
  const searched = await as(
    officer,
    'audit',
    'search',
    'from:2013-06-30T00:00',
    'to:2013-08-01T00:00',
    'zone:UTC',
  )
  expect(searched.status, searched.err).toBe(0)
  expect(searched.out).toContain('Not searched: 2013-07')
  const exported = (from: string, to: string) =>
    as(officer, 'audit', 'export', '--from', `${from}T00:00:00Z`, '--to', `${to}T00:00:00Z`, '--reason', 'The request of a patient’s lawyer', '--out', path.join(env.home, 'export')) // prettier-ignore
  renameSync(folder, `${folder}.away`)
  const lacking = await exported('2013-07-01', '2013-08-02')
  renameSync(`${folder}.away`, folder)
  expect(lacking.err).toContain('the archive of one of its months, or its key, is not on the server')
  const read = await exported('2013-07-01', '2013-08-02')
  expect(read.err).not.toContain('not made')
  expect(read.out).toContain('export: 20 entries')
  // control: the month beside it is not archived, only empty
  expect((await exported('2013-08-01', '2013-08-02')).err).toContain('No entry fits')

  const out = path.join(env.home, 'july.ndjson')
  const opened = await vigil('retention', 'restore-archive', '--month', '2013-07', '--out', out)
  expect(opened.status, opened.err).toBe(0)
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
  const found = await verifyArchive(Readable.from(lines), readFileSync(verifierKeyFile(env.home), 'utf8'))
  expect(found).toMatchObject({ entries: 24, month: '2013-07' })
  expect((await vigil('retention', 'restore-archive', '--month', '2013-07', '--out', out)).status).toBe(1)

  expect((await vigil('retention', 'archive', '--drop', '2013-07')).err).toContain('30 days')
  const back = await as(officer, 'retention', 'restore-archive', '--month', '2013-07')
  expect(back.status, back.err).toBe(0)
  await seal()
  expect((await vigil('audit', 'verify')).out).toContain('is as it was sealed')
}, 120_000)

test('the years are set by two persons, and what is written wrongly is refused before anybody is asked', async () => {
  const asked = await as(officer, 'retention', 'set', '--years', '7', '--json')
  expect((await as(admin, 'retention', 'set', '--confirm', requestOf(asked))).out).toContain('7 years')
  expect((await vigil('retention', 'status')).out).toContain('kept for 7 years')
  for (const words of [
    ['set', '--years', '5'],
    ['set'],
    ['archive', '--month', '2013-7'],
    ['archive'],
    ['archive', '--confirm', 'x'],
    ['restore-archive', '--month', 'July'],
  ])
    expect((await vigil('retention', ...words)).status, words.join(' ')).toBe(2)
  expect((await vigil('retention', 'restore-archive', '--month', '1999-01')).status).toBe(1)
})
