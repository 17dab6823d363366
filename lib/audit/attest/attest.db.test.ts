import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { withRecord } from '#lib/phi/with-record.ts'
import { findReferences, withSearch } from '#lib/phi/with-search.ts'
import { brandActor } from '#lib/policy/actor.ts'
import { makeAttestedTrail, type AttestedTrail } from '#lib/testing/attested-trail.ts'
import { openCall } from './process-writer.ts'

let trail: AttestedTrail
beforeAll(async () => {
  trail = await makeAttestedTrail()
})
afterAll(() => trail.close())

/** All but the seal's own lateness: here it is done by hand, and other tests on the same server hold it back. */
const notLate = (findings: Awaited<ReturnType<AttestedTrail['verify']>>['findings']) =>
  findings.filter(({ kind }) => kind !== 'SEAL_STALE')

const found = async () => {
  const { findings, writers } = await trail.verdictAfter()
  return { findings: notLate(findings), writers }
}

describe('what the door writes is vouched for', () => {
  test('reads, changes, searches and refusals, of one patient and of several', async () => {
    const { records, maria, zoe } = trail
    const { nurse, compliance, billing } = records.actors
    await trail.open([maria])
    await trail.open([zoe, maria, zoe])
    // a stranger's record, alone and beside one's own
    expect(await trail.open([randomUUID()])).toMatchObject({ kind: 'denied' })
    expect(await trail.open([maria, randomUUID()])).toMatchObject({ patients: [maria] })
    expect(
      await withRecord(billing, { view: 'chart-summary', action: 'READ', patients: [maria] }, () =>
        Promise.resolve(),
      ),
    ).toMatchObject({ kind: 'denied' })
    // a session that nobody knows leaves a security event, and no entry of a patient
    const nobody = brandActor({ ...nurse, sessionToken: 'x'.repeat(43) })
    expect(
      await withRecord(nobody, { view: 'chart-summary', action: 'READ', patients: [maria] }, () =>
        Promise.resolve(),
      ),
    ).toMatchObject({ kind: 'denied', reason: 'no-session' })
    await records.change([maria, zoe], async (record) => {
      await record.patient.update({
        where: { id: maria },
        data: { familyName: 'Ättested "II"' },
        select: { id: true },
      })
      await record.patientContact.createMany({
        data: [
          { patientId: maria, kind: 'phone', value: '(555) 010-0142' },
          { patientId: zoe, kind: 'phone', value: '(555) 010-0143' },
        ],
      })
    })
    await expect(
      records.change([maria], async (record) => {
        await record.patient.update({
          where: { id: maria },
          data: { familyName: 'Never' },
          select: { id: true },
        })
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    const search = { view: 'patient-search', terms: { givenName: 'Maria' } } as const
    expect(
      await withSearch(nurse, search, (_record, patients) => Promise.resolve(patients.length)),
    ).toMatchObject({
      kind: 'granted',
    })
    await withSearch(nurse, { view: 'patient-search', terms: { familyName: 'Nobody' } }, () =>
      Promise.resolve(),
    )
    await findReferences(compliance, {
      view: 'patient-picker',
      terms: { familyName: 'Attested', givenName: 'Zoë' },
    })
    await trail.settle()
    const { findings, writers } = await found()
    expect(findings).toEqual([])
    expect(writers?.writers).toBe(1)
    const { rows } = (await trail.records.cast.sql.superuser.query<{ unsaid: string; settled: string; last: string }>(
      `SELECT count(*) FILTER (WHERE writer_id IS NULL) AS unsaid, max(writer_settled) AS settled, max(writer_seq) AS last FROM (
         SELECT writer_id, writer_settled, writer_seq FROM audit.patient_phi_audit_log l
          WHERE l.seq > (SELECT seq FROM audit.security_event_log WHERE event_type = 'WRITERS_ATTESTED')
         UNION ALL SELECT writer_id, writer_settled, writer_seq FROM audit.security_event_log WHERE event_type = 'WRITER_SETTLED') a`,
    )) // prettier-ignore
    expect(rows[0]?.unsaid).toBe('0')
    // Everything but the row that says so is settled.
    expect(rows[0]?.settled).toBe(rows[0]?.last)
    await trail.seal()
    expect((await found()).findings).toEqual([])
    expect(await formats()).toEqual(['1', '2'])
  })

  test('thirty-two at once, one of them held open, sealed and verified meanwhile: nothing is complained about', async () => {
    const { records, maria, zoe } = trail
    const { nurse } = records.actors
    const others = await Promise.all([0, 1, 2, 3].map(() => records.addPatient({}, nurse)))
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const heldOpen = records.change([maria], async (record) => {
      await record.patient.update({ where: { id: maria }, data: { givenName: 'Mia' }, select: { id: true } })
      await held
      // Written in the old transaction, and later than much that has ended meanwhile.
      await record.patient.update({ where: { id: maria }, data: { familyName: 'Ato' }, select: { id: true } })
    })
    let writing = true
    const looking = (async () => {
      const findings: unknown[] = []
      while (writing) {
        await trail.step()
        findings.push(...notLate((await trail.verify()).findings))
      }
      return findings
    })()
    const acts = [
      (at: number) => trail.open([others[at % 4] ?? zoe]),
      () => trail.open([zoe, maria, ...others]),
      () => trail.open([randomUUID(), zoe]),
      (at: number) =>
        records
          .change([others[at % 4] ?? zoe], async (record) => {
            const id = others[at % 4] ?? zoe
            await record.patient.update({
              where: { id },
              data: { givenName: `N${at}` },
              select: { id: true },
            })
            if (at % 3 === 0) throw new Error('rolled back')
          })
          .catch(() => undefined),
    ]
    await Promise.all(
      Array.from({ length: 32 }, async (_, at) => {
        for (const act of acts) await act(at)
      }),
    )
    release()
    await heldOpen
    await trail.settle()
    writing = false
    expect(await looking).toEqual([])
    await trail.seal()
    const verdict = await trail.verify()
    expect(notLate(verdict.findings)).toEqual([])
    expect(verdict.writers?.calls).toBeGreaterThan(32 * 4)
    // In part as well: as if what was sealed until now had been verified an hour ago.
    await records.cast.sql.superuser.query(`SET session_replication_role = replica`)
    await records.cast.sql.superuser.query(
      `UPDATE audit.checkpoint SET sealed_at = sealed_at - interval '1 hour'`,
    )
    await records.cast.sql.superuser.query(`SET session_replication_role = origin`)
    await trail.open([maria])
    await trail.settle()
    await trail.seal()
    const { treeSize } = await trail.verify()
    for (const mode of [
      { kind: 'since', size: treeSize },
      { kind: 'sample', count: 5 },
    ] as const) {
      const part = await trail.verify(mode)
      expect(notLate(part.findings)).toEqual([])
      expect(part.writers?.calls).toBeLessThan(20)
    }
  }, 240_000)

  test('what a process asked for and the database changed is found, also by somebody who saw the keys of the call', async () => {
    // As if the gate's own function had been exchanged: it is told the call's keys and writes another patient's name.
    const { records, zoe } = trail
    const { nurse } = records.actors
    const call = openCall('app')
    const requestId = randomUUID()
    const attestation = call.attestation({
      kind: 'admission', requestId, actorId: nurse.accountId, action: 'READ', view: 'chart-summary', fields: '{}', patients: [trail.maria],
    }) // prettier-ignore
    const verdict = await trail.verdictAfter(
      `SELECT audit.attest('${attestation}')`,
      `SET LOCAL session_replication_role = origin`,
      `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, outcome, relation)
       VALUES ('${nurse.accountId}', 'nurse', 'phi_nurse', gen_random_uuid(), '${requestId}', '${zoe}', 'READ', 'chart-summary', 'ALLOWED', 'care')`,
    )
    call.failed()
    expect(verdict.findings).toMatchObject([{ kind: 'ROW_FORGED' }])
  })

  test('a login alone vouches for nothing: rows that a stolen password leaves are found', async () => {
    const { rows } = await trail.records.cast.sql.app.query(
      `SELECT denied_reason FROM audit.admit($1, $2, 'READ', 'chart-summary', '{}', $3, NULL, NULL, NULL, NULL, NULL)`,
      [trail.records.actors.nurse.sessionToken, randomUUID(), [trail.maria]],
    )
    expect(rows).toHaveLength(1)
    const { findings } = await found()
    expect(findings).toMatchObject([{ kind: 'ROW_UNATTESTED' }])
    expect(findings).toHaveLength(1)
  })
})

test('whoever may write an effect may say for which call, and no login can supply a writer’s column', async () => {
  const sql = trail.records.cast.sql.superuser
  const { rows } = await sql.query(
    `SELECT r.rolname FROM pg_roles r
      WHERE has_function_privilege(r.rolname, 'audit.effect(uuid, text, text, text[], text[], uuid, jsonb)', 'EXECUTE')
        AND NOT has_function_privilege(r.rolname, 'audit.attest(text)', 'EXECUTE')`,
  )
  expect(rows).toEqual([])
  const granted = await sql.query(
    `SELECT grantee, column_name FROM information_schema.column_privileges
      WHERE table_schema = 'audit' AND (column_name LIKE 'writer\\_%' OR column_name = 'row_mac') AND privilege_type IN ('INSERT', 'UPDATE')
        AND grantee NOT IN (SELECT rolname FROM pg_roles WHERE rolsuper) AND grantee <> 'audit_owner'`,
  )
  expect(granted.rows).toEqual([])
})

async function formats(): Promise<string[]> {
  const { rows } = await trail.records.cast.sql.superuser.query<{ format: number }>(
    `SELECT DISTINCT format FROM audit.seal_leaf ORDER BY format`,
  )
  return rows.map((row) => String(row.format))
}
