import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { withSearch } from '#lib/phi/with-search.ts'
import { makeAttestedTrail, type AttestedTrail } from '#lib/testing/attested-trail.ts'

/*
 * What somebody who owns the server may do to rows that were not sealed yet. Each attack is done as superuser without triggers,
 * the whole trail is verified, and the attack is undone.
 */
let trail: AttestedTrail
beforeAll(async () => {
  trail = await makeAttestedTrail()
  const { maria, zoe, records } = trail
  await trail.seal()
  // Calls 1 … n, none of them sealed: one patient, two, a change, a search that finds both, one more.
  await trail.open([maria])
  await trail.open([maria, zoe])
  await records.change([zoe], (record) =>
    record.patient.update({ where: { id: zoe }, data: { givenName: 'Zoe' }, select: { id: true } }),
  )
  await withSearch(records.actors.nurse, { view: 'patient-search', terms: { familyName: 'Attested' } }, () =>
    Promise.resolve(),
  )
  await trail.open([zoe])
  await trail.settle()
})
afterAll(() => trail.close())

const log = 'audit.patient_phi_audit_log'
const unsealed = `seq > (SELECT max(seq) FROM audit.checkpoint)`
/** Rows of nobody else's: the newest that the product's door wrote for a view, an outcome and a patient. */
const newest = (view: string, outcome: string, patient: string) =>
  `log_id = (SELECT log_id FROM ${log} WHERE view = '${view}' AND outcome = '${outcome}' AND patient_id = '${patient}' AND ${unsealed} ORDER BY seq DESC LIMIT 1)`
const opened = () => newest('chart-summary', 'ALLOWED', trail.zoe)
/** Zoë's row of the call that opened both. */
const beside = () =>
  `log_id = (SELECT log_id FROM ${log} l WHERE view = 'chart-summary' AND patient_id = '${trail.zoe}' AND ${unsealed}
     AND EXISTS (SELECT FROM ${log} o WHERE o.request_id = l.request_id AND o.patient_id = '${trail.maria}'))`

const kindsAfter = async (...attack: string[]): Promise<string[]> =>
  (await trail.verdictAfter(...attack)).findings.map(({ kind }) => kind)

test('to begin with nothing is wrong, and the rows that are attacked are not sealed', async () => {
  const verdict = await trail.verdictAfter()
  expect(verdict.findings).toEqual([])
  expect(verdict.writers).toMatchObject({ writers: 1 })
  const sql = trail.records.cast.sql.superuser
  for (const row of [opened(), beside(), newest('import', 'EFFECT', trail.zoe)])
    expect((await sql.query(`SELECT FROM ${log} WHERE ${row}`)).rowCount).toBe(1)
})

describe('deleting before the sealer comes', () => {
  test('the one row of a call', async () => {
    const { findings } = await trail.verdictAfter(`DELETE FROM ${log} WHERE ${opened()}`)
    expect(findings).toMatchObject([
      {
        kind: 'ROWS_MISSING',
        detail: expect.stringMatching(/^call \d+ of writer .* no rows of it are there$/) as string,
      },
    ])
  })

  test('one of two rows of a call', async () => {
    const { findings } = await trail.verdictAfter(`DELETE FROM ${log} WHERE ${beside()}`)
    expect(findings).toMatchObject([
      { kind: 'ROWS_MISSING', detail: expect.stringContaining('1 of 2 rows of it are there') as string },
    ])
  })

  test('one of the patients that a search found', async () => {
    expect(
      await kindsAfter(`DELETE FROM ${log} WHERE ${newest('patient-search', 'ALLOWED', trail.zoe)}`),
    ).toEqual(['ROWS_MISSING'])
  })

  test('the entry of a change, which stays', async () => {
    expect(await kindsAfter(`DELETE FROM ${log} WHERE ${newest('import', 'EFFECT', trail.zoe)}`)).toEqual([
      'ROWS_MISSING',
    ])
  })

  test('everything that was not sealed yet but the writer’s last word', async () => {
    const { findings } = await trail.verdictAfter(`DELETE FROM ${log} WHERE ${unsealed}`)
    expect(findings.length).toBeGreaterThan(4)
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['ROWS_MISSING']))
  })

  test('and renumbering what is left, so that no number is missing', async () => {
    const kinds = await kindsAfter(
      `DELETE FROM ${log} WHERE ${opened()}`,
      `UPDATE audit.security_event_log SET writer_seq = writer_seq - 1, writer_settled = writer_settled - 1 WHERE event_type = 'WRITER_SETTLED' AND ${unsealed}`,
    )
    expect(kinds).toEqual(['ROW_FORGED'])
  })

  test('and calling it void', async () => {
    const kinds = await kindsAfter(
      `UPDATE audit.security_event_log SET writer_notes = (SELECT writer_seq || 'v' FROM ${log} WHERE ${opened()}) WHERE event_type = 'WRITER_SETTLED' AND ${unsealed}`,
      `DELETE FROM ${log} WHERE ${opened()}`,
    )
    expect(kinds).toContain('ROW_FORGED')
  })
})

describe('editing before the sealer comes', () => {
  test.each([
    ['who', `actor_user_id = gen_random_uuid()`],
    ['as what', `actor_role = 'clinician'`],
    ['whom', `patient_id = gen_random_uuid()`],
    ['when', `accessed_at = accessed_at - interval '1 hour'`],
    ['what', `view = 'my-home'`],
    ['which fields', `changed_fields = '{}'`],
    ['how it ended', `outcome = 'DENIED', reason = 'no-relation', db_role = NULL`],
    ['why', `purpose = 'OPERATIONS'`],
    ['by which relation', `relation = 'organisation'`],
    ['from where', `client_ip = '10.9.9.9'`],
    ['in whose place', `on_behalf_of = gen_random_uuid()`],
    ['by which session', `session_id = gen_random_uuid()`],
    ['in which request', `request_id = gen_random_uuid()`],
    ['in the open or as an emergency', `break_glass_id = gen_random_uuid()`],
    ['in which order', `seq = seq + 1000000`],
    ['in which transaction', `tx_id = (tx_id::text::bigint + 1)::text::xid8`],
    ['by which login', `db_user = 'vigil_worker'`],
    ['its MAC', `row_mac = sha256('x')`],
  ])('%s', async (_name, change) => {
    const { findings } = await trail.verdictAfter(`UPDATE ${log} SET ${change} WHERE ${opened()}`)
    expect(findings.map(({ kind }) => kind)).toEqual(['ROW_FORGED'])
    expect(findings[0]?.logId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('taking the writer’s words away', async () => {
    const kinds = await kindsAfter(
      `UPDATE ${log} SET writer_id = NULL, writer_seq = NULL, writer_settled = NULL, writer_notes = NULL, writer_key = NULL, row_mac = NULL WHERE ${opened()}`,
    )
    expect(kinds.sort()).toEqual(['ROWS_MISSING', 'ROW_UNATTESTED'])
  })

  test('what was changed, in the entry of a change', async () => {
    expect(
      await kindsAfter(
        `UPDATE ${log} SET changed_fields = '{"Patient": ["ssn"]}' WHERE ${newest('import', 'EFFECT', trail.zoe)}`,
      ),
    ).toEqual(['ROW_FORGED'])
  })
})

describe('putting rows in before the sealer comes', () => {
  const copied = (change: string) =>
    `INSERT INTO ${log} SELECT (jsonb_populate_record(NULL::${log}, to_jsonb(l) || jsonb_build_object('log_id', gen_random_uuid()${change}))).* FROM ${log} l WHERE ${opened()}`

  test('a copy of a row under another id', async () => {
    expect(await kindsAfter(copied(''))).toContain('ROW_FORGED')
  })

  test('a row that nobody vouches for', async () => {
    expect(
      await kindsAfter(
        copied(
          `, 'writer_id', NULL, 'writer_seq', NULL, 'writer_settled', NULL, 'writer_key', NULL, 'row_mac', NULL, 'seq', nextval('audit.log_seq')`,
        ),
      ),
    ).toEqual(['ROW_UNATTESTED'])
  })

  test('a row of a writer that never was', async () => {
    expect(
      await kindsAfter(copied(`, 'writer_id', gen_random_uuid(), 'seq', nextval('audit.log_seq')`)),
    ).toContain('ROW_FORGED')
  })

  test('a row under a secret of one’s own', async () => {
    const { findings } = await trail.verdictAfter(
      copied(`, 'writer_id', gen_random_uuid(), 'writer_key', 'deadbeef', 'seq', nextval('audit.log_seq')`),
    )
    expect(findings).toMatchObject([
      { kind: 'ROW_FORGED', detail: expect.stringContaining('not this installation’s (deadbeef)') as string },
    ])
  })
})
