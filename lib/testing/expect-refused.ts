import { expect } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import type { RecordCast } from './record-cast.ts'

type Denied = { kind: string; reason?: string }

/**
 * Tries a verb of the care team as everybody who must not: a nurse without a relationship to the patient, every other
 * role, and the patient's own nurse with a session that has ended. Each must be denied, leave exactly one DENIED row
 * with the reason (and no field value is anywhere in the answer), and change nothing.
 * @param planted a text that stands in the patient's record and must not come back
 */
export async function expectRefused(
  records: RecordCast,
  patientId: string,
  planted: string,
  verb: (actor: Actor) => Promise<Denied>,
): Promise<void> {
  const stranger = records.actorOf(await records.cast.signIn('nurse', 'Nobody’s Nurse'))
  const cases: [string, Actor, string][] = [
    ['a nurse who does not care for the patient', stranger, 'no-relation'],
    ['billing', records.actors.billing, 'no-policy'],
    ['an administrator', records.actors.admin, 'no-policy'],
    ['a compliance officer', records.actors.compliance, 'no-policy'],
    ['a patient', records.actors.patient, 'no-policy'],
    ['an ended session', await endedSession(records), 'session-ended'],
  ]
  for (const [who, actor, reason] of cases) {
    const before = await rowsAbout(records, patientId)
    const outcome = await verb(actor)
    expect(outcome, who).toEqual({ kind: 'denied', reason })
    expect(JSON.stringify(outcome), who).not.toContain(planted)
    const after = await rowsAbout(records, patientId)
    expect(after.slice(before.length), who).toEqual([{ outcome: 'DENIED', reason }])
  }
}

async function endedSession(records: RecordCast): Promise<Actor> {
  const member = await records.cast.signIn('nurse', 'Signed Out')
  await records.cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [member.token])
  return records.actorOf(member)
}

async function rowsAbout(records: RecordCast, patientId: string) {
  return records.raw<{ outcome: string; reason: string | null }>(
    'SELECT outcome, reason FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY seq',
    [patientId],
  )
}
