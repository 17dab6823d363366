import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'

let records: RecordCast
let team: string
beforeAll(async () => {
  records = await makeRecordCast()
  team = `Team ${randomUUID()}`
  await records.cast.sql.worker.query('INSERT INTO app.care_team (id, name) VALUES ($1, $2)', [
    randomUUID(),
    team,
  ])
})
afterAll(() => records.close())

const entry = { verb: 'import fhir', usage: 'PATH…', summary: '', load: () => import('./import-fhir.ts') }
const vigil = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const status = await runCommandLine([entry], ['import', 'fhir', ...words], () => env, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  })
  return { status, ...said }
}
const file = (name: string, content: unknown): string => {
  const written = path.join(env.home, name)
  writeFileSync(written, typeof content === 'string' ? content : JSON.stringify(content))
  return written
}
const carers = (id: string) =>
  records.raw(
    `SELECT t.name FROM phi.care_relationship r JOIN app.care_team t ON t.id = r.care_team_id WHERE r.patient_id = $1`,
    [id],
  )

test('the verb answers in one JSON document, and with status 1 when a file was refused', async () => {
  const good = file('good.json', { resourceType: 'Patient', id: 'good', name: [{ family: 'Santos' }] })
  const bad = file('bad.json', '{"resourceType":')
  const fine = await vigil(good, '--json')
  expect(fine.status).toBe(0)
  expect(JSON.parse(fine.out)).toEqual({ files: 1, patients: 1, created: 1, changed: 0, unchanged: 0, skippedTypes: {}, withoutPatient: {}, refused: [] }) // prettier-ignore
  const mixed = await vigil(good, bad, '--json')
  expect(mixed.status).toBe(1)
  expect(JSON.parse(mixed.out)).toMatchObject({ unchanged: 1, refused: [{ file: bad, where: 'line 1', why: expect.stringContaining('not JSON') }] }) // prettier-ignore
})

test('the team that is named cares for the patients, new ones and those who were there before', async () => {
  const source = file('team.json', { resourceType: 'Patient', id: 'team', name: [{ family: 'Santos' }] })
  expect((await vigil(source)).out).toContain('nobody can open their records')
  const [patient] = await records.raw<{ id: string }>(
    `SELECT id FROM phi.patient ORDER BY created_at DESC LIMIT 1`,
  )
  expect(await carers(patient?.id ?? '')).toEqual([])
  expect((await vigil(source, '--team', team.toLowerCase())).status).toBe(0)
  expect((await vigil(source, '--team', team)).status).toBe(0)
  expect(await carers(patient?.id ?? '')).toEqual([{ name: team }])
})

test('a team that does not exist is refused with those that do, and nothing is imported', async () => {
  const source = file('nobody.json', { resourceType: 'Patient', id: 'nobody' })
  const refused = await vigil(source, '--team', 'Nobody')
  expect(refused.status).toBe(1)
  expect(refused.err).toContain(`"${team}"`)
  expect((await vigil(source, '--json')).out).toContain('"created": 1')
})

test('a batch that takes longer than its admission lives is written in parts, each admitted by itself', async () => {
  // A machine so busy that fifteen seconds pass while more than a hundred rows are written.
  await records.cast.sql.superuser.query(`
    CREATE FUNCTION public.let_time_pass() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET session_replication_role = 'replica' AS $$
    BEGIN
      IF (SELECT count(*) FROM written) > 100 THEN
        UPDATE audit.patient_phi_audit_log SET accessed_at = accessed_at - interval '15 seconds' WHERE request_id = current_setting('vigil.request')::uuid;
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER let_time_pass AFTER INSERT ON phi.observation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.let_time_pass()`)
  const subject = { reference: 'Patient/slow' }
  const results = Array.from({ length: 250 }, (_, at) => ({
    resourceType: 'Observation', id: `slow-${at}`, status: 'final', subject, code: { text: `Result ${at}` }, valueString: `${at}`,
  })) // prettier-ignore
  const problems = [{ resourceType: 'Condition', id: 'slow-problem', subject, code: { text: 'Asthma' } }]
  const resources = [{ resourceType: 'Patient', id: 'slow', name: [{ family: 'Adeyemi' }] }, ...results, ...problems]
  const source = file('slow.ndjson', resources.map((resource) => JSON.stringify(resource)).join('\n'))
  const imported = await vigil(source, '--json')
  await records.cast.sql.superuser.query('DROP TRIGGER let_time_pass ON phi.observation')
  expect(imported.status, imported.err).toBe(0)
  const [patient] = await records.raw<{ id: string }>(`SELECT id FROM phi.patient ORDER BY created_at DESC LIMIT 1`)
  const [kept] = await records.raw<{ results: number; problems: number; entries: number }>(
    `SELECT (SELECT count(*)::int FROM phi.observation WHERE patient_id = $1) AS results, (SELECT count(*)::int FROM phi.condition WHERE patient_id = $1) AS problems,
       (SELECT count(DISTINCT request_id)::int FROM audit.patient_phi_audit_log WHERE patient_id = $1) AS entries`,
    [patient?.id],
  )
  expect(kept).toMatchObject({ results: 250, problems: 1 })
  expect(kept?.entries, 'the whole first, then parts').toBeGreaterThan(2)
  expect(JSON.parse((await vigil(source, '--json')).out), 'once each').toMatchObject({ created: 0, changed: 0 })
}) // prettier-ignore

test('without a path it says how it is used', async () => {
  expect(await vigil()).toMatchObject({ status: 2, err: expect.stringContaining('Usage: vigil import fhir') })
})
