import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pool } from '#lib/db/pools.ts'
import { unitConnection } from '#lib/db/unit-connection.ts'
import { AuditUnavailable, RecordUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { granted, makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { RecordError, RefusedQuery } from './record-error.ts'
import type { RecordClient } from './types.ts'
import { withRecord } from './with-record.ts'

let records: RecordCast
let maria: string
beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Santos', givenName: 'Maria' }, records.actors.nurse)
})
afterAll(() => records.close())

const effects = async (): Promise<number> => {
  const [row] = await records.raw<{ count: string }>(
    `SELECT count(*) FROM audit.patient_phi_audit_log WHERE outcome = 'EFFECT' AND patient_id = $1`,
    [maria],
  )
  return Number(row?.count)
}
const contacts = () => records.raw('SELECT id FROM phi.patient_contact WHERE patient_id = $1', [maria])
const tokens = () => records.raw('SELECT token FROM phi.search_token WHERE patient_id = $1', [maria])
const phone = (value: string) => ({ patientId: maria, kind: 'phone', value })

describe('attack 38: a change that is rolled back', () => {
  test('attack 38: leaves no row, no token and no effect; the admission stays', async () => {
    const before = { contacts: await contacts(), tokens: await tokens(), effects: await effects() }
    const admissions = async () =>
      (
        await records.raw(
          `SELECT FROM audit.patient_phi_audit_log WHERE outcome = 'ALLOWED' AND patient_id = $1`,
          [maria],
        )
      ).length
    const admittedBefore = await admissions()
    await expect(
      records.change([maria], async (record) => {
        await record.patientContact.create({ data: phone('555 0100'), select: { id: true } })
        throw new Error('the caller changed its mind')
      }),
    ).rejects.toThrow('the caller changed its mind')
    expect({ contacts: await contacts(), tokens: await tokens(), effects: await effects() }).toEqual(before)
    expect(await admissions()).toBe(admittedBefore + 1)
  })

  test('attack 38: control: the same change without the error leaves all three', async () => {
    const before = await effects()
    await records.change([maria], (record) =>
      record.patientContact.create({ data: phone('555 0100'), select: { id: true } }),
    )
    expect(await contacts()).toHaveLength(1)
    expect(await effects()).toBe(before + 1)
  })

  test('attack 38: a nested write that fails half-way is undone as a whole, with its unit', async () => {
    const before = await contacts()
    const taken = randomUUID()
    await records.change([maria], (record) =>
      record.patientContact.create({ data: { id: taken, ...phone('1') }, select: { id: true } }),
    )
    await expect(
      records.change([maria], (record) =>
        record.patient.update({
          where: { id: maria },
          data: {
            patientContacts: {
              create: [
                { kind: 'phone', value: '2' },
                { id: taken, kind: 'phone', value: '3' },
              ],
            },
          },
          select: { id: true },
        }),
      ),
    ).rejects.toMatchObject({ name: 'RecordError', code: 'P2002' })
    expect(await contacts()).toHaveLength(before.length + 1)
  })

  test('attack 38: a key that was made for somebody whose making was taken back harms nobody', async () => {
    const id = randomUUID()
    const make = (record: RecordClient) =>
      record.patient.create({ data: { id, familyName: 'Twice' }, select: { id: true } })
    const admit = { view: 'import', action: 'CREATE', patients: [id] } as const
    const abandoned = records.change(
      [id],
      async (record) => {
        await make(record)
        throw new Error('back')
      },
      admit,
    )
    await expect(abandoned).rejects.toThrow('back')
    const keyOf = async () => (await (await processKeyStore()).dataKeysFor([id])).get(id)
    expect((await keyOf())?.versions).toHaveLength(1)
    expect(await records.raw('SELECT id FROM phi.patient WHERE id = $1', [id])).toEqual([])
    // The same person is made after all, and gets that key and no second one.
    await records.change([id], make, admit)
    expect((await keyOf())?.versions).toHaveLength(1)
    const row = await records.change(
      [id],
      (record) => record.patient.findUnique({ where: { id }, select: { familyName: true } }),
      { action: 'READ' },
    )
    expect(row).toEqual({ familyName: 'Twice' })
  })
})

describe('attack 39: errors around a write', () => {
  test('attack 39: one that was caught cannot be committed around', async () => {
    const before = await contacts()
    const taken = randomUUID()
    const unit = records.change([maria], async (record) => {
      await record.patientContact.create({ data: { id: taken, ...phone('a') }, select: { id: true } })
      await record.patientContact
        .create({ data: { id: taken, ...phone('b') }, select: { id: true } })
        .catch(() => undefined)
      return 'claims to have worked'
    })
    await expect(unit).rejects.toThrow(AuditUnavailable)
    expect(await contacts()).toEqual(before)
  })

  test('attack 39: one that comes after the query takes back what the query did', async () => {
    const id = randomUUID()
    await records.change([maria], (record) =>
      record.patientContact.create({ data: { id, ...phone('whole') }, select: { id: true } }),
    )
    const stored = async () =>
      (
        await records.raw<{ value: string; rank: string | null }>(
          'SELECT value, rank FROM phi.patient_contact WHERE id = $1',
          [id],
        )
      )[0]
    const bend = async (value: string) => {
      await records.raw('SET session_replication_role = replica')
      await records.raw('UPDATE phi.patient_contact SET value = $1 WHERE id = $2', [value, id])
      await records.raw('RESET session_replication_role')
    }
    const whole = (await stored())?.value ?? ''
    await bend(`${whole.slice(0, 20)}${whole[20] === 'A' ? 'B' : 'A'}${whole.slice(21)}`)
    const bent = await stored()
    const before = await effects()
    // The change goes through; what it is asked to give back does not open.
    const change = records.change([maria], (record) =>
      record.patientContact.update({ where: { id }, data: { rank: 3 }, select: { value: true } }),
    )
    await expect(change).rejects.toMatchObject({ name: 'CellUnreadable', field: 'value' })
    expect(await stored()).toEqual(bent)
    expect(await effects()).toBe(before)
    await bend(whole)
    await records.change([maria], (record) =>
      record.patientContact.update({ where: { id }, data: { rank: 3 }, select: { value: true } }),
    )
    expect(await effects(), 'control: with the cell whole it is kept').toBe(before + 1)
  })

  test('attack 39: a refusal before SQL leaves the unit usable', async () => {
    await records.change([maria], async (record) => {
      await expect(
        record.patientContact.updateMany({ where: {}, data: { value: 'x' } as never }),
      ).rejects.toThrow(RefusedQuery)
      await record.patientContact.create({ data: phone('after'), select: { id: true } })
    })
    expect(await effects()).toBeGreaterThan(0)
  })

  test('attack 39: there is no batch that could be committed behind the layer', async () => {
    await records.change([maria], async (record) => {
      expect('$transaction' in record).toBe(false)
    })
  })
})

describe('attack 40: the effect row', () => {
  test('attack 40: a change cannot be made without it, and a rolled back one does not keep it', async () => {
    const before = await effects()
    await expect(
      records.change([maria], async (record) => {
        await record.patientContact.create({ data: phone('x'), select: { id: true } })
        // Inside the transaction it is there already, before the change is committed.
        const inside = await unitConnection().query<{ count: string }>({
          text: 'SELECT count(*) FROM phi.patient_contact WHERE patient_id = $1',
          values: [maria],
        })
        expect(Number(inside.rows[0]?.count)).toBeGreaterThan(0)
        throw new Error('back')
      }),
    ).rejects.toThrow('back')
    expect(await effects()).toBe(before)
  })

  test('attack 40: a unit that was admitted to look changes nothing', async () => {
    const reading = { view: 'import', action: 'READ' } as const
    await expect(
      records.change(
        [maria],
        (record) => record.patientContact.create({ data: phone('x'), select: { id: true } }),
        reading,
      ),
    ).rejects.toThrow(RefusedQuery)
    await expect(
      records.change(
        [maria],
        () => unitConnection().query({ text: 'DELETE FROM phi.search_token' }),
        reading,
      ),
    ).rejects.toMatchObject({ code: '25006' })
  })
})

describe('attack 41: doing it again', () => {
  test('attack 41: a unit that is tried again with the same data does not encrypt twice', async () => {
    const data = Object.freeze({ ...phone('555 0199'), rank: 7 })
    const write = (record: RecordClient) =>
      record.patientContact.create({ data, select: { id: true, value: true, rank: true } })
    const first = records.change([maria], async (record) => {
      await write(record)
      throw new Error('serialization failure')
    })
    await expect(first).rejects.toThrow('serialization failure')
    const again = await records.change([maria], write)
    expect(again).toMatchObject({ value: '555 0199', rank: 7 })
    expect(data).toEqual({ patientId: maria, kind: 'phone', value: '555 0199', rank: 7 })
  })
})

describe('attack 42: more units than connections', () => {
  test('attack 42: all are served, with keys from a cold cache', async () => {
    const { max } = pool('record').options
    ;(await processKeyStore()).dropCachedKeys()
    const units = Array.from({ length: (max ?? 10) * 3 }, () =>
      granted(
        records.actors.nurse,
        { view: 'chart-summary', action: 'READ', patients: [maria] },
        async (record) => {
          const row = await record.patient.findUnique({ where: { id: maria }, select: { familyName: true } })
          return row?.familyName
        },
      ),
    )
    expect(new Set(await Promise.all(units))).toEqual(new Set(['Santos']))
  })
})

describe('a connection on loan', () => {
  const look = <T>(work: (record: RecordClient) => Promise<T>) =>
    granted(records.actors.nurse, { view: 'chart-summary', action: 'READ', patients: [maria] }, work)
  /** Settings, cursors, locks, listeners and the role that the connections of the pool would give to the next one. */
  const remains = async () => {
    const clients = await Promise.all(
      Array.from({ length: pool('record').totalCount }, () => pool('record').connect()),
    )
    const states: Record<string, string>[] = []
    for (const client of clients) {
      const { rows } = await client.query<Record<string, string>>(
        `SELECT current_setting('role') AS role, current_setting('statement_timeout') AS timeout,
             current_setting('synchronous_commit') AS durable, current_setting('vigil.request', true) AS request,
             (SELECT count(*) FROM pg_cursors) AS cursors, (SELECT count(*) FROM pg_listening_channels()) AS channels,
             pg_backend_pid()::text AS pid`,
      )
      // No login sees locks, so somebody else has to look.
      const [held] = await records.raw<{ locks: string }>(
        `SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory' AND pid = $1`,
        [rows[0]?.['pid']],
      )
      states.push({ ...rows[0], ...held })
    }
    for (const client of clients) client.release()
    return states
  }
  const clean = { role: 'none', timeout: '15s', durable: 'on', cursors: '0', channels: '0', locks: '0' }

  test.each([
    `SET statement_timeout = 0`,
    `SET synchronous_commit = off`,
    `SELECT set_config('synchronous_commit', 'off', false)`,
    `DECLARE kept CURSOR WITH HOLD FOR SELECT 1`,
    `LISTEN anything`,
    `SELECT pg_advisory_lock(4711)`,
    `SELECT set_config('role', 'phi_clinician', false)`,
    `COMMIT; SELECT set_config('role', 'phi_clinician', false)`,
  ])('is not handed to the next person after %s', async (text) => {
    await look(async (record) => {
      await record.patient.findUnique({ where: { id: maria }, select: { id: true } })
      await unitConnection()
        .query({ text })
        .catch(() => undefined)
    })
    await look((record) => record.patient.findUnique({ where: { id: maria }, select: { id: true } }))
    for (const state of await remains()) {
      expect(state).toMatchObject(clean)
      expect(('request' in state ? state['request'] : null) ?? '').toBe('')
    }
  })

  test('is used again after ordinary work, also when that failed', async () => {
    // Only connections that were lent out here count: an earlier test's may still be on its way out of the pool.
    const used = new Set<unknown>()
    let closed = 0
    const lent = (client: unknown) => used.add(client)
    const gone = (client: unknown) => (closed += used.has(client) ? 1 : 0)
    pool('record').on('acquire', lent).on('remove', gone)
    await look((record) => record.patient.findUnique({ where: { id: maria }, select: { id: true } }))
    await look(() => Promise.reject(new Error('no'))).catch(() => undefined)
    await look((record) => record.patient.count({ where: { id: 'no uuid' } })).catch(() => undefined)
    await records.change([maria], (record) => record.patient.count({}))
    pool('record').off('acquire', lent).off('remove', gone)
    expect(used.size).toBeGreaterThan(0)
    expect(closed).toBe(0)
  })
})

describe('when the database goes away', () => {
  const lose = async () => {
    const { rows } = await unitConnection().query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' })
    await records.raw('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
    // Until the socket has told: nothing of ours is under way then, which is when an error has nobody to go to.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const names = { id: true, familyName: true } as const

  test('during a read: an outage, not a fault, and the process lives on', async () => {
    const unit = granted(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria] },
      async (record) => {
        await lose()
        return record.patient.findUnique({ where: { id: maria }, select: names })
      },
    )
    await expect(unit).rejects.toThrow(RecordUnavailable)
  })

  test('between two statements that are under way', async () => {
    const unit = granted(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria] },
      async (record) => {
        const reads = Promise.all(
          [1, 2, 3].map(() => record.patient.findUnique({ where: { id: maria }, select: names })),
        )
        const [, rows] = await Promise.all([lose(), reads])
        return [rows, await record.patient.count({})]
      },
    )
    await expect(unit).rejects.toThrow(RecordUnavailable)
  })

  test('before a commit: the change counts as not made', async () => {
    const before = await contacts()
    const unit = records.change([maria], async (record) => {
      await record.patientContact.create({ data: phone('lost'), select: { id: true } })
      await lose()
    })
    await expect(unit).rejects.toThrow(AuditUnavailable)
    expect(await contacts()).toEqual(before)
  })

  test('control: the next unit works', async () => {
    const found = await granted(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria] },
      (record) => record.patient.findUnique({ where: { id: maria }, select: { familyName: true } }),
    )
    expect(found).toEqual({ familyName: 'Santos' })
  })
})

describe('when the trail cannot be written', () => {
  test('nothing is read, and the answer is an error that says nothing', async () => {
    await records.raw('REVOKE INSERT ON audit.patient_phi_audit_log FROM audit_gate')
    const columns = await records.raw<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'audit.patient_phi_audit_log'::regclass AND attnum > 0`,
    )
    const list = columns.map((row) => row.name).join(', ')
    await records.raw(`REVOKE INSERT (${list}) ON audit.patient_phi_audit_log FROM audit_gate`)
    let worked = false
    const unit = withRecord(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria] },
      async () => {
        worked = true
      },
    )
    await expect(unit).rejects.toThrow(AuditUnavailable)
    expect(worked).toBe(false)
    await records.raw(`GRANT INSERT (${list}) ON audit.patient_phi_audit_log TO audit_gate`)
  })

  test('control: with the right given back, the same read succeeds', async () => {
    const outcome = await withRecord(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria] },
      (record) => record.patient.findUnique({ where: { id: maria }, select: { familyName: true } }),
    )
    expect(outcome).toMatchObject({ kind: 'granted', value: { familyName: 'Santos' } })
  })

  test('a duplicate id is a RecordError with Prisma’s code', async () => {
    await expect(
      records.change([maria], (record) =>
        record.patientContact.createMany({ data: [1, 2].map(() => ({ id: maria, ...phone('x') })) }),
      ),
    ).rejects.toThrow(RecordError)
  })
})
