import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skip } from '@prisma/client/runtime/client'
import { Prisma } from '#lib/db/generated/client.ts'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { granted, makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { onRecords, recordStatements } from '#lib/testing/record-statements.ts'
import { withEncryption } from './extension.ts'
import { CellUnreadable, RecordError, RefusedQuery, UndeclaredField } from './record-error.ts'
import type { RecordClient } from './types.ts'
import { withRecord } from './with-record.ts'

let records: RecordCast
let maria: string
let noor: string
beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Santos', givenName: 'Maria' }, records.actors.nurse)
  noor = await records.addPatient({ familyName: 'Haddad', givenName: 'Noor' }, records.actors.nurse)
  await records.change([maria, noor], async (record) => {
    for (const [patientId, word] of [
      [maria, 'of Maria'],
      [noor, 'of Noor'],
    ] as const) {
      const encounter = await record.encounter.create({
        data: {
          patientId,
          status: 'finished',
          startedAt: new Date('2026-01-01T00:00:00Z'),
          display: `visit ${word}`,
        },
        select: { id: true },
      })
      await record.observation.createMany({
        data: Array.from({ length: 50 }, (_, number) => ({
          patientId,
          encounterId: encounter.id,
          kind: 'laboratory',
          status: 'final',
          effectiveAt: new Date(Date.UTC(2026, 0, 1, 0, number)),
          display: `result ${number} ${word}`,
          valueNumber: number + 0.5,
          components: [{ number }],
        })),
      })
    }
  })
})
afterAll(() => records.close())

const chart = <T>(work: (record: RecordClient) => Promise<T>, patients = [maria]) =>
  granted(records.actors.nurse, { view: 'chart-summary', action: 'READ', patients }, work)

describe('attack 23: selecting without what decryption needs', () => {
  test('attack 23: without id and owner, at two levels', async () => {
    const rows = await chart((record) =>
      record.observation.findMany({
        where: { patientId: maria },
        orderBy: { effectiveAt: 'asc' },
        take: 1,
        select: {
          display: true,
          valueNumber: true,
          components: true,
          encounter: { select: { display: true } },
        },
      }),
    )
    expect(rows).toEqual([
      {
        display: 'result 0 of Maria',
        valueNumber: 0.5,
        components: [{ number: 0 }],
        encounter: { display: 'visit of Maria' },
      },
    ])
  })

  test('attack 23: what was asked for stays', async () => {
    const row = await chart((record) =>
      record.observation.findFirst({ where: { patientId: maria }, select: { id: true, display: true } }),
    )
    expect(Object.keys(row ?? {}).sort()).toEqual(['display', 'id'])
  })

  test('attack 23: a list inside a row, and plain fields alone', async () => {
    const row = await chart((record) =>
      record.patient.findUnique({
        where: { id: maria },
        select: {
          version: true,
          observations: { take: 2, orderBy: { effectiveAt: 'asc' }, select: { display: true } },
        },
      }),
    )
    expect(row).toEqual({
      version: expect.any(Number) as number,
      observations: [{ display: 'result 0 of Maria' }, { display: 'result 1 of Maria' }],
    })
  })

  test.each<[string, object]>([
    ['no select', { take: 5 }],
    ['include', { take: 5, select: { id: true }, include: { encounter: true } }],
    ['include of include', { take: 5, include: { encounter: { include: { patient: true } } } }],
    ['omit', { take: 5, omit: { note: true } }],
    ['a relation as true', { take: 5, select: { encounter: true } }],
    ['_count', { take: 5, select: { _count: true } }],
    ['no limit', { select: { id: true } }],
    ['a limit above 500', { take: 501, select: { id: true } }],
    [
      'a nested list without limit',
      { take: 5, select: { patient: { select: { encounters: { select: { id: true } } } } } },
    ],
    ['a token column', { take: 5, select: { codeToken: true } }],
    [
      'an account by way of a directory',
      { take: 5, select: { practitioner: { select: { accounts: { take: 5, select: { id: true } } } } } },
    ],
    [
      'search tokens',
      { take: 5, select: { patient: { select: { searchTokens: { take: 5, select: { token: true } } } } } },
    ],
    [
      'history',
      { take: 5, select: { patient: { select: { rowHistories: { take: 5, select: { row: true } } } } } },
    ],
    ['another loading strategy', { take: 5, select: { id: true }, relationLoadStrategy: 'join' }],
  ])('attack 23: %s is refused before any SQL', async (_name, args) => {
    const statements = await recordStatements(() =>
      chart((record) => expect(record.observation.findMany(args as never)).rejects.toThrow(RefusedQuery)),
    )
    expect(onRecords(statements)).toEqual([])
  })

  test('attack 23: a field that the view does not declare is refused before any SQL, at every level', async () => {
    const statements = await recordStatements(() =>
      chart(async (record) => {
        await expect(
          record.patient.findUnique({ where: { id: maria }, select: { ssn: true } }),
        ).rejects.toThrow(UndeclaredField)
        await expect(
          record.observation.findMany({ take: 5, select: { patient: { select: { ssn: true } } } }),
        ).rejects.toThrow(UndeclaredField)
        await expect(
          record.note.findMany({ take: 5, select: { noteVersions: { take: 1, select: { body: true } } } }),
        ).rejects.toThrow(UndeclaredField)
      }),
    )
    expect(onRecords(statements)).toEqual([])
  })
})

describe('attack 24: the fluent API', () => {
  test('attack 24: what a find returns is a promise and nothing more', async () => {
    await chart(async (record) => {
      const pending = record.patient.findUnique({ where: { id: maria }, select: { id: true } })
      expect(Object.getPrototypeOf(pending)).toBe(Promise.prototype)
      expect('encounters' in pending).toBe(false)
      await pending
    })
  })
})

describe('attack 25: finds of one tick', () => {
  test('attack 25: two units at once each see their own patient, and duplicates are answered alike', async () => {
    const find = (patient: string) =>
      chart(
        (record) =>
          Promise.all(
            [maria, noor, patient].map((id) =>
              record.patient.findUnique({ where: { id }, select: { id: true, familyName: true } }),
            ),
          ),
        [patient],
      )
    for (let round = 0; round < 10; round += 1) {
      const [ofMaria, ofNoor] = await Promise.all([find(maria), find(noor)])
      expect(ofMaria?.map((row) => row?.familyName)).toEqual(['Santos', undefined, 'Santos'])
      expect(ofNoor?.map((row) => row?.familyName)).toEqual([undefined, 'Haddad', 'Haddad'])
    }
  })
})

describe('attack 26: letting the database compute with ciphertext', () => {
  test.each<[string, object]>([
    ['orderBy', { orderBy: { display: 'asc' } }],
    ['orderBy in a list', { orderBy: [{ effectiveAt: 'asc' }, { display: 'asc' }] }],
    ['orderBy of a relation', { orderBy: { patient: { familyName: 'asc' } } }],
    ['distinct', { distinct: ['display'] }],
    ['cursor', { cursor: { display: 'x' } }],
  ])('attack 26: %s is refused before any SQL', async (_name, args) => {
    const statements = await recordStatements(() =>
      chart((record) =>
        expect(
          record.observation.findMany({ take: 5, select: { id: true }, ...args } as never),
        ).rejects.toThrow(RefusedQuery),
      ),
    )
    expect(onRecords(statements)).toEqual([])
  })

  test.each<[string, object]>([
    ['aggregate', { _min: { display: true } }],
    ['groupBy', { by: ['display'], having: { display: { contains: 'x' } } }],
  ])('attack 26: %s does not exist for a unit, and the extension refuses it', async (operation, args) => {
    const extended = withEncryption(prismaClient(), processKeyStore) as unknown as {
      observation: Record<string, (args: object) => Promise<unknown>>
    }
    const statements = await recordStatements(() =>
      chart(async (record) => {
        expect(operation in record.observation).toBe(false)
        await expect(extended.observation[operation]?.(args)).rejects.toThrow(RefusedQuery)
      }),
    )
    expect(onRecords(statements)).toEqual([])
  })
})

/** Puts values into the database past everything, also past the triggers. */
async function tamper(text: string, values: unknown[]): Promise<void> {
  await records.raw('SET session_replication_role = replica')
  await records.raw(text, values)
  await records.raw('RESET session_replication_role')
}

describe('attack 27: a cell that does not open', () => {
  test('attack 27: one of a hundred: a typed error, no part of the rest, and a security event', async () => {
    const [victim, source] = await records.raw<{ id: string; display: string }>(
      'SELECT id, display FROM phi.observation WHERE patient_id = $1 ORDER BY effective_at LIMIT 2',
      [noor],
    )
    if (!victim || !source) throw new Error('no rows to tamper with')
    await tamper('UPDATE phi.observation SET display = $1 WHERE id = $2', [source.display, victim.id])
    const read = chart(
      (record) =>
        record.observation.findMany({
          where: { patientId: noor },
          take: 100,
          select: { display: true, encounter: { select: { display: true } } },
        }),
      [noor],
    )
    const error: unknown = await read.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(CellUnreadable)
    expect(error).toMatchObject({
      model: 'Observation',
      field: 'display',
      rowId: victim.id,
      code: 'NOT_AUTHENTIC',
    })
    const told = inspect(error, { depth: null, showHidden: true })
    expect(told).not.toContain('phi1.')
    expect(told).not.toContain('of Noor')
    const events = await records.raw<{ detail: object }>(
      `SELECT detail FROM audit.security_event_log WHERE event_type = 'DECRYPTION_FAILED'`,
    )
    expect(events.map((event) => event.detail)).toEqual([
      { model: 'Observation', field: 'display', row_id: victim.id, patient_id: noor, code: 'NOT_AUTHENTIC' },
    ])
    await tamper('UPDATE phi.observation SET display = $1 WHERE id = $2', [victim.display, victim.id])
  })

  test('attack 27: control: the same read succeeds once the cell is put back', async () => {
    const rows = await chart(
      (record) =>
        record.observation.findMany({ where: { patientId: noor }, take: 100, select: { display: true } }),
      [noor],
    )
    expect(rows).toHaveLength(50)
  })

  test('attack 27: a row of a patient whose key is gone says so', async () => {
    const ghost = await records.addPatient({ familyName: 'Ghost' }, records.actors.nurse)
    const [cell] = await records.raw<{ family_name: string }>(
      'SELECT family_name FROM phi.patient WHERE id = $1',
      [maria],
    )
    const keyless = randomUUID()
    await tamper(
      `INSERT INTO phi.patient (id, family_name, created_by, updated_by) VALUES ($1, $2, $3, $3)`,
      [keyless, cell?.family_name, ghost],
    )
    await tamper(
      `INSERT INTO phi.care_relationship (id, patient_id, account_id, starts_at, created_by, updated_by)
       VALUES (gen_random_uuid(), $1, $2, now() - interval '1 day', $2, $2)`,
      [keyless, records.actors.nurse.accountId],
    )
    await expect(
      chart(
        (record) => record.patient.findUnique({ where: { id: keyless }, select: { familyName: true } }),
        [keyless],
      ),
    ).rejects.toMatchObject({ name: 'CellUnreadable', code: 'KEY_UNKNOWN' })
  })
})

describe('attack 28: nothing, in all its forms', () => {
  const row = (data: object) =>
    records.change([maria], async (record) => {
      const { id } = await record.observation.create({
        data: { patientId: maria, kind: 'other', status: 'final', display: 'x', ...data } as never,
        select: { id: true },
      })
      return record.observation.findUniqueOrThrow({
        where: { id },
        select: { display: true, value: true, components: true, valueNumber: true },
      })
    })

  test('attack 28: NULL stays NULL, an empty text stays empty, undefined is left out', async () => {
    expect(await row({ display: '', value: null, components: null })).toEqual({
      display: '',
      value: null,
      components: null,
      valueNumber: null,
    })
    expect(await row({ value: undefined, valueNumber: 0 })).toMatchObject({ value: null, valueNumber: 0 })
    expect(await row({ components: [] })).toMatchObject({ components: [] })
  })

  test('attack 28: undefined in an update changes nothing; NULL clears', async () => {
    await records.change([maria], async (record) => {
      const { id } = await record.observation.create({
        data: {
          patientId: maria,
          kind: 'other',
          status: 'final',
          display: 'x',
          value: 'kept',
          note: 'cleared',
        },
        select: { id: true },
      })
      const select = { value: true, note: true } as const
      expect(
        await record.observation.update({
          where: { id },
          data: { value: undefined, note: null } as never,
          select,
        }),
      ).toEqual({ value: 'kept', note: null })
    })
  })

  test.each([
    ['Prisma.skip', skip],
    ['Prisma.DbNull', Prisma.DbNull],
    ['Prisma.JsonNull', Prisma.JsonNull],
    ['Prisma.AnyNull', Prisma.AnyNull],
  ])('attack 28: %s is no value of an encrypted column', async (_name, value) => {
    await expect(row({ display: value })).rejects.toThrow(RecordError)
    await expect(row({ components: value })).rejects.toThrow(RecordError)
  })

  test('attack 28: a filter for one row with nothing in it names no row', async () => {
    await chart(async (record) => {
      for (const where of [{}, { id: undefined }, { mrn: null }]) {
        await expect(
          record.patient.findUnique({ where: where as never, select: { id: true } }),
        ).rejects.toThrow(RefusedQuery)
      }
    })
  })
})

describe('attack 29: values seen on the way', () => {
  test('attack 29: arguments are left as they were, so that they can be used again', async () => {
    const deepFreeze = <T extends object>(value: T): T => {
      for (const part of Object.values(value)) {
        if (typeof part === 'object' && part !== null && !(part instanceof Date)) deepFreeze(part as object)
      }
      return Object.freeze(value)
    }
    const args = deepFreeze({
      data: {
        patientId: maria,
        status: 'finished',
        display: 'frozen',
        observations: {
          create: [{ kind: 'other', status: 'final', display: 'nested', components: { a: 1 } }],
        },
      },
      select: { display: true, observations: { take: 1, select: { display: true } } },
    })
    const copy = structuredClone(args)
    for (let round = 0; round < 2; round += 1) {
      expect(await records.change([maria], (record) => record.encounter.create(args))).toEqual({
        display: 'frozen',
        observations: [{ display: 'nested' }],
      })
    }
    expect(args).toEqual(copy)
  })

  test('attack 29: an extension put on top sees ciphertext alone, and cannot add a computed field', async () => {
    const seen: unknown[] = []
    const extended = withEncryption(prismaClient(), processKeyStore).$extends({
      query: {
        $allOperations: async ({ args, query }) => {
          const result: unknown = await query(args)
          seen.push(result)
          return result
        },
      },
      result: {
        patient: { shout: { needs: { familyName: true }, compute: (row) => row.familyName.toUpperCase() } },
      },
    })
    await chart(async () => {
      const select = { familyName: true } as const
      expect(await extended.patient.findFirst({ where: { id: maria }, select })).toMatchObject({
        familyName: 'Santos',
      })
      await expect(
        extended.patient.findFirst({ where: { id: maria }, select: { shout: true } }),
      ).rejects.toThrow(RefusedQuery)
    })
    expect(seen).toEqual([{ id: maria, familyName: expect.stringMatching(/^phi1[.]/) as string }])
  })
})

describe('attack 30: two patients in one result', () => {
  test('attack 30: each cell is opened with its own patient’s key, interleaved and with a cold cache', async () => {
    const keys = await processKeyStore()
    for (const warm of [false, true]) {
      if (!warm) keys.dropCachedKeys()
      const rows = await chart(
        (record) =>
          record.observation.findMany({
            where: { kind: 'laboratory' },
            orderBy: { effectiveAt: 'asc' },
            take: 100,
            select: { patientId: true, display: true, patient: { select: { givenName: true } } },
          }),
        [maria, noor],
      )
      expect(rows).toHaveLength(100)
      for (const row of rows) {
        const name = row.patientId === maria ? 'Maria' : 'Noor'
        expect(row.display).toContain(`of ${name}`)
        expect(row.patient.givenName).toBe(name)
      }
    }
  })

  test('a patient who was not admitted is not there, and a unit ends with its work', async () => {
    let kept: RecordClient | undefined
    const outcome = await withRecord(
      records.actors.nurse,
      { view: 'chart-summary', action: 'READ', patients: [maria, randomUUID()] },
      async (record, admitted) => {
        kept = record
        expect(admitted).toEqual([maria])
        return record.patient.findUnique({ where: { id: noor }, select: { id: true } })
      },
    )
    expect(outcome).toEqual({ kind: 'granted', value: null, patients: [maria] })
    await expect(kept?.patient.count({})).rejects.toThrow('inside a unit of work only')
  })
})
