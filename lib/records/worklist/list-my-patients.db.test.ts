import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { listMyPatients, worklistPageSize } from './list-my-patients.ts'

let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
})
afterAll(() => records.close())

const newNurse = async (): Promise<Actor> => records.actorOf(await records.cast.signIn('nurse', 'A Nurse'))
const worklist = async (actor: Actor, cursor?: string) => {
  const outcome = await listMyPatients(actor, cursor)
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value
}

/** Unreviewed results, and vital signs taken at a time. */
async function addObservations(patient: string, flags: string[], vitalsAt?: string): Promise<void> {
  await records.change([patient], async (record) => {
    for (const [index, interpretation] of flags.entries()) {
      await record.observation.create({
        data: {
          patientId: patient,
          kind: 'laboratory',
          status: 'final',
          effectiveAt: new Date(`2026-11-${10 + index}T08:00:00Z`),
          issuedAt: new Date(`2026-11-${10 + index}T12:00:00Z`),
          display: `Test ${interpretation}`,
          interpretation,
        },
        select: { id: true },
      })
    }
    if (vitalsAt) {
      await record.observation.create({
        data: {
          patientId: patient,
          kind: 'vital-signs',
          status: 'final',
          effectiveAt: new Date(vitalsAt),
          display: 'Pulse',
        },
        select: { id: true },
      })
    }
    await record.patient.update({
      where: { id: patient },
      data: { attentionAt: flags.length > 0 ? new Date('2026-11-20T12:00:00Z') : null },
      select: { id: true },
    })
  })
}

describe('the worklist', () => {
  test('shows one’s own patients, those with unreviewed results first, the loudest flag by name', async () => {
    const nurse = await newNurse()
    const quiet = await records.addPatient({ familyName: 'Quiet' }, nurse)
    const loud = await records.addPatient({ familyName: 'Loud', givenName: 'Ann', mrn: 'RC-1234567' }, nurse)
    await records.addPatient({ familyName: 'Stranger' }, records.actors.nurse)
    await addObservations(loud, ['normal', 'critical-high', 'high'], '2026-11-21T06:00:00Z')

    const list = await worklist(nurse)
    expect(list.rows.map(({ patient }) => patient.patientId)).toEqual([loud, quiet])
    expect(list.rows[0]).toMatchObject({
      patient: { displayName: 'Ann Loud', mrn: 'RC-1234567' },
      waiting: {
        count: 3,
        name: 'Test critical-high',
        flag: 'critical-high',
        since: '2026-11-10T12:00:00.000Z',
      },
      vitalsAt: '2026-11-21T06:00:00.000Z',
    })
    expect(list.rows[1]).toMatchObject({ waiting: null, vitalsAt: null })
  })

  test('is one admission of the whole page, one row of the trail per patient, with no more fields than it needs', async () => {
    const nurse = await newNurse()
    const mine = [
      await records.addPatient({}, nurse),
      await records.addPatient({}, nurse),
      await records.addPatient({}, nurse),
    ]
    await worklist(nurse)
    const rows = await records.raw<{
      patient_id: string
      request_id: string
      changed_fields: Record<string, string[]>
    }>(
      `SELECT patient_id, request_id, changed_fields FROM audit.patient_phi_audit_log WHERE actor_user_id = $1`,
      [nurse.accountId],
    )
    expect(rows.map((row) => row.patient_id).toSorted()).toEqual(mine.toSorted())
    expect(new Set(rows.map((row) => row.request_id)).size).toBe(1)
    expect(rows[0]?.changed_fields['Observation']).toEqual(['display', 'interpretation'])
  })

  test('is paged without losing or repeating a patient', async () => {
    const nurse = await newNurse()
    const mine: string[] = []
    for (let index = 0; index < worklistPageSize + 4; index += 1)
      mine.push(await records.addPatient({}, nurse))
    const first = await worklist(nurse)
    const second = await worklist(nurse, first.next ?? undefined)
    const seen = [...first.rows, ...second.rows].map(({ patient }) => patient.patientId)
    expect(first.rows).toHaveLength(worklistPageSize)
    expect(seen.toSorted()).toEqual(mine.toSorted())
    expect(second.next).toBeNull()
  })

  test('is empty for somebody without patients, for other roles and for a session that is over, and logs nothing', async () => {
    const nurse = await newNurse()
    const member = await records.cast.signIn('nurse', 'Signed Out')
    await records.addPatient({}, records.actorOf(member))
    await records.cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [member.token])
    for (const actor of [
      nurse,
      records.actorOf(member),
      records.actors.billing,
      records.actors.admin,
      records.actors.patient,
    ]) {
      expect((await worklist(actor)).rows).toEqual([])
    }
    const rows = await records.raw(`SELECT 1 FROM audit.patient_phi_audit_log WHERE actor_user_id = $1`, [
      member.accountId,
    ])
    expect(rows).toEqual([])
  })

  test('treats a cursor that was tampered with as the beginning', async () => {
    const nurse = await newNurse()
    const patient = await records.addPatient({}, nurse)
    for (const cursor of ['', 'x', Buffer.from('["a","b"]').toString('base64url'), '€'.repeat(300)]) {
      expect((await worklist(nurse, cursor)).rows.map((row) => row.patient.patientId)).toEqual([patient])
    }
  })
})
