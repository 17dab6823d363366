import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { dumpDatabase } from '#lib/testing/dump-database.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { onRecords, recordStatements } from '#lib/testing/record-statements.ts'
import { withEncryption } from './extension.ts'
import { RecordError, RefusedQuery } from './record-error.ts'
import type { RecordClient } from './types.ts'

/*
 * Whatever way a value takes into the record, neither a statement nor a table may hold it in the clear. Each case plants
 * a value that exists nowhere else, looks for it in everything sent and stored, and reads it back, so that a case that
 * wrote nothing fails too.
 */
let records: RecordCast
let patient: string
let other: string
beforeAll(async () => {
  records = await makeRecordCast()
  patient = await records.addPatient({ familyName: 'Writer' })
  other = await records.addPatient({ familyName: 'Other' })
})
afterAll(() => records.close())

const canary = () => `canary-${randomBytes(9).toString('hex')}`
const now = new Date('2026-03-01T10:00:00Z')

type Write = (record: RecordClient, value: string) => Promise<unknown>

const observation = (value: string) =>
  ({ patientId: patient, kind: 'laboratory', status: 'final', effectiveAt: now, display: value }) as const
const encounter = (value: string) => ({ status: 'finished', startedAt: now, display: value })
const noteWithVersion = (value: string) => ({
  class: 'clinical',
  status: 'draft',
  authorId: randomUUID(),
  authoredAt: now,
  noteVersions: { create: version(value) },
})
const version = (value: string, number = 1) => ({
  number,
  status: 'draft',
  authorId: randomUUID(),
  writtenAt: now,
  title: value,
  body: value,
})
const newEncounter = (record: RecordClient) =>
  record.encounter.create({ data: { patientId: patient, ...encounter('before') }, select: { id: true } })
const newNote = (record: RecordClient) =>
  record.note.create({
    data: { patientId: patient, ...noteWithVersion('before') },
    select: { id: true, noteVersions: { take: 5, select: { id: true } } },
  })

/** Where a written value is read back from: the models that the cases write to. */
async function readBack(record: RecordClient): Promise<string> {
  const rows = await Promise.all([
    record.observation.findMany({
      take: 500,
      select: { display: true, note: true, value: true, components: true },
    }),
    record.encounter.findMany({ take: 500, select: { display: true, reason: true } }),
    record.noteVersion.findMany({ take: 500, select: { title: true, body: true } }),
    record.patient.findMany({ take: 50, select: { familyName: true } }),
  ])
  return JSON.stringify(rows)
}

const safe = { sent: false, stored: false, readBack: true }

async function plantAndLook(write: Write): Promise<typeof safe> {
  const value = canary()
  const statements = await recordStatements(() => records.change([patient], (record) => write(record, value)))
  expect(onRecords(statements).length).toBeGreaterThan(0)
  return {
    sent: statements.some((text) => text.includes(value)),
    stored: (await dumpDatabase(records)).includes(value),
    readBack: (await records.change([patient], readBack, { action: 'READ' })).includes(value),
  }
}

describe('attack 14: a value written by each top-level operation', () => {
  const writes: Record<string, Write> = {
    create: (record, value) => record.observation.create({ data: observation(value), select: { id: true } }),
    createMany: (record, value) =>
      record.observation.createMany({ data: [observation('x'), observation(value)] }),
    'createMany of one object': (record, value) =>
      record.observation.createMany({ data: observation(value) }),
    createManyAndReturn: async (record, value) => {
      const rows = await record.observation.createManyAndReturn({
        data: [observation(value)],
        select: { display: true },
      })
      expect(rows).toEqual([{ display: value }])
    },
    update: async (record, value) => {
      const { id } = await record.observation.create({ data: observation('before'), select: { id: true } })
      const row = await record.observation.update({
        where: { id },
        data: { display: value },
        select: { display: true },
      })
      expect(row).toEqual({ display: value })
    },
    'update by a compound key': async (record, value) => {
      const { id } = await record.observation.create({ data: observation('before'), select: { id: true } })
      await record.observation.update({
        where: { patientId_id: { patientId: patient, id } },
        data: { display: { set: value } },
        select: { id: true },
      })
    },
    'upsert that creates': (record, value) =>
      record.observation.upsert({
        where: { id: randomUUID() },
        create: observation(value),
        update: { display: 'not taken' },
        select: { id: true },
      }),
    'upsert that updates': async (record, value) => {
      const { id } = await record.observation.create({ data: observation('before'), select: { id: true } })
      await record.observation.upsert({
        where: { id },
        create: observation('not taken'),
        update: { display: value },
        select: { id: true },
      })
    },
    'a JSON value': (record, value) =>
      record.observation.create({
        data: { ...observation('x'), components: [{ name: value }] },
        select: { id: true },
      }),
  }
  test.each(Object.entries(writes))('attack 14: %s', async (_name, write) => {
    expect(await plantAndLook(write)).toEqual(safe)
  })

  test.each(['updateMany', 'updateManyAndReturn'] as const)(
    'attack 14: %s refuses one value for many rows, and clears them',
    async (operation) => {
      const value = canary()
      const ids = await records.change([patient], async (record) => {
        const rows = await record.observation.createManyAndReturn({
          data: [1, 2].map(() => ({ ...observation('x'), note: 'to be cleared', code: 'c' })),
          select: { id: true },
        })
        return rows.map((row) => row.id)
      })
      const many = (record: RecordClient, data: object) =>
        (record.observation[operation] as unknown as (args: object) => Promise<unknown>)({
          where: { id: { in: ids } },
          data,
          ...(operation === 'updateManyAndReturn' ? { select: { id: true } } : {}),
        })
      const statements = await recordStatements(() =>
        expect(records.change([patient], (record) => many(record, { note: value }))).rejects.toThrow(
          RefusedQuery,
        ),
      )
      expect(statements.filter((text) => text.includes(value))).toEqual([])
      await records.change([patient], (record) => many(record, { note: null, code: null }))
      const rows = await records.raw(
        'SELECT note, code, code_token FROM phi.observation WHERE id = ANY ($1)',
        [ids],
      )
      expect(rows).toEqual([1, 2].map(() => ({ note: null, code: null, code_token: null })))
    },
  )
})

describe('attack 15: a value written by a nested operation', () => {
  const underPatient = (
    record: RecordClient,
    data: Parameters<RecordClient['patient']['update']>[0]['data'],
  ) => record.patient.update({ where: { id: patient }, data, select: { id: true } })
  const writes: Record<string, Write> = {
    'create, one object': (record, value) =>
      underPatient(record, { encounters: { create: encounter(value) } }),
    'create, a list': (record, value) =>
      underPatient(record, { encounters: { create: [encounter('x'), encounter(value)] } }),
    createMany: (record, value) =>
      underPatient(record, { encounters: { createMany: { data: [encounter('x'), encounter(value)] } } }),
    'create three levels deep': (record, value) =>
      underPatient(record, {
        encounters: { create: { ...encounter('x'), notes: { create: noteWithVersion(value) } } },
      }),
    'create below create': (record, value) =>
      record.note.create({ data: { patientId: patient, ...noteWithVersion(value) }, select: { id: true } }),
    'create with the patient connected': (record, value) =>
      record.encounter.create({
        data: { ...encounter(value), patient: { connect: { id: patient } } },
        select: { id: true },
      }),
    'connectOrCreate that creates': (record, value) =>
      underPatient(record, {
        encounters: { connectOrCreate: { where: { id: randomUUID() }, create: encounter(value) } },
      }),
    update: async (record, value) => {
      const { id } = await newEncounter(record)
      await underPatient(record, { encounters: { update: { where: { id }, data: { display: value } } } })
    },
    'update with set': async (record, value) => {
      const { id } = await newEncounter(record)
      await underPatient(record, {
        encounters: { update: [{ where: { id }, data: { display: { set: value } } }] },
      })
    },
    'update three levels deep': async (record, value) => {
      const { id } = await newEncounter(record)
      const note = await record.note.create({
        data: { patientId: patient, encounterId: id, ...noteWithVersion('before') },
        select: { id: true, noteVersions: { take: 1, select: { id: true } } },
      })
      const data = { title: value }
      await underPatient(record, {
        encounters: {
          update: {
            where: { id },
            data: {
              notes: {
                update: {
                  where: { id: note.id },
                  data: { noteVersions: { update: { where: { id: note.noteVersions[0]?.id ?? '' }, data } } },
                },
              },
            },
          },
        },
      })
    },
    'update by a compound key of the child': async (record, value) => {
      const { id } = await newNote(record)
      await record.note.update({
        where: { id },
        data: {
          noteVersions: {
            update: { where: { noteId_number: { noteId: id, number: 1 } }, data: { body: value } },
          },
        },
        select: { id: true },
      })
    },
    'upsert that updates': async (record, value) => {
      const { id } = await newEncounter(record)
      await underPatient(record, {
        encounters: { upsert: { where: { id }, create: encounter('not taken'), update: { display: value } } },
      })
    },
    'upsert that creates': (record, value) =>
      underPatient(record, {
        encounters: {
          upsert: { where: { id: randomUUID() }, create: encounter(value), update: { display: 'x' } },
        },
      }),
    'update of the parent': async (record, value) => {
      const { id } = await newEncounter(record)
      const row = await record.observation.create({
        data: { ...observation('x'), encounterId: id },
        select: { id: true },
      })
      await record.observation.update({
        where: { id: row.id },
        data: { encounter: { update: { reason: value } } },
        select: { id: true },
      })
    },
  }
  test.each(Object.entries(writes))('attack 15: %s', async (_name, write) => {
    expect(await plantAndLook(write)).toEqual(safe)
  })

  test('attack 15: nested updateMany refuses one value for many rows', async () => {
    const value = canary()
    const statements = await recordStatements(() =>
      expect(
        records.change([patient], (record) =>
          underPatient(record, {
            encounters: { updateMany: { where: {}, data: { display: value } as never } },
          }),
        ),
      ).rejects.toThrow(RefusedQuery),
    )
    expect(statements.filter((text) => text.includes(value))).toEqual([])
  })
})

describe('attack 16: raw SQL', () => {
  test('attack 16: a unit of work has no way to send it', async () => {
    await records.change([patient], async (record) => {
      expect(Object.keys(record).filter((key) => key.startsWith('$'))).toEqual([])
      expect('$queryRaw' in record).toBe(false)
    })
  })

  test.each(['$executeRawUnsafe', '$queryRawUnsafe'] as const)(
    'attack 16: %s of the extended client is refused before anything is sent',
    async (method) => {
      const value = canary()
      const extended = withEncryption(prismaClient(), processKeyStore)
      const statements = await recordStatements(() =>
        records.change([patient], () =>
          expect(
            extended[method](`INSERT INTO phi.patient (family_name) VALUES ('${value}')`),
          ).rejects.toThrow(RefusedQuery),
        ),
      )
      expect(statements.filter((text) => text.includes(value))).toEqual([])
    },
  )

  test('attack 16: the domain refuses plaintext from SQL, whoever sends it', async () => {
    const value = canary()
    const asSuperuser = records.raw(
      'UPDATE phi.patient SET family_name = $1 WHERE id = $2 RETURNING family_name',
      [value, patient],
    )
    await expect(asSuperuser).rejects.toMatchObject({ code: '23514' })
    expect(await dumpDatabase(records)).not.toContain(value)
  })

  test('attack 16: the domain refuses plaintext from COPY, even of the superuser', async () => {
    const value = canary()
    const [row] = await records.raw<{ data_directory: string }>('SHOW data_directory')
    const file = `${row?.data_directory ?? ''}/copy-${value}`
    await records.raw(`COPY (SELECT gen_random_uuid(), '${value}') TO '${file}'`)
    await expect(records.raw(`COPY phi.patient (id, family_name) FROM '${file}'`)).rejects.toMatchObject({
      code: '23514',
    })
    rmSync(file)
    expect(await dumpDatabase(records)).not.toContain(value)
  })

  test('attack 18: a script on the web login, without the door, reaches no table of the record', async () => {
    const script = records.cast.sql.app
    for (const text of [
      'SELECT * FROM phi.patient',
      `INSERT INTO phi.patient (id, family_name) VALUES (gen_random_uuid(), 'x')`,
    ]) {
      await expect(script.query(text)).rejects.toMatchObject({ code: '42501' })
    }
  })
})

describe('attack 17: clients without the layer', () => {
  test('attack 17: nothing that a unit holds leads to one', async () => {
    await records.change([patient], async (record) => {
      const reachable = Object.values(record).flatMap((delegate) => Object.keys(delegate))
      expect(reachable.filter((key) => key.startsWith('$') || key.startsWith('_'))).toEqual([])
      expect('$parent' in record.patient).toBe(false)
      expect('$extends' in record).toBe(false)
    })
  })

  test('attack 17: control: the extended client itself does lead to one, and the database still refuses', async () => {
    const value = canary()
    const extended = withEncryption(prismaClient(), processKeyStore)
    const parent = (extended as unknown as { $parent: ReturnType<typeof prismaClient> }).$parent
    const statements = await recordStatements(() =>
      records
        .change([patient], () =>
          parent.patient.update({
            where: { id: patient },
            data: { familyName: value },
            select: { id: true },
          }),
        )
        .catch(() => undefined),
    )
    // The search for planted values does see one where there is one.
    expect(statements.filter((text) => text.includes(value))).not.toEqual([])
    expect(await dumpDatabase(records)).not.toContain(value)
  })

  test('attack 17: a second Prisma client has no connection outside of a unit, and no rights inside', async () => {
    await expect(prismaClient().patient.findMany({ take: 1, select: { id: true } })).rejects.toThrow(
      'inside a unit of work only',
    )
    const statements = await recordStatements(() =>
      expect(prismaClient().patient.findMany({ take: 1, select: { id: true } })).rejects.toThrow(
        'inside a unit of work only',
      ),
    )
    expect(statements).toEqual([])
  })
})

describe('attack 19: filters', () => {
  const filters: Record<string, (value: string) => object> = {
    equals: (value) => ({ display: value }),
    'equals object': (value) => ({ display: { equals: value } }),
    in: (value) => ({ display: { in: [value] } }),
    contains: (value) => ({ display: { contains: value } }),
    not: (value) => ({ display: { not: value } }),
    AND: (value) => ({ AND: [{ status: 'final' }, { display: value }] }),
    OR: (value) => ({ OR: [{ display: value }] }),
    NOT: (value) => ({ NOT: { display: value } }),
    'relation, is': (value) => ({ encounter: { is: { display: value } } }),
    'relation, direct': (value) => ({ patient: { familyName: value } }),
    'relation, some': (value) => ({ patient: { encounters: { some: { display: value } } } }),
    'relation, every': (value) => ({
      patient: { encounters: { every: { display: { startsWith: value } } } },
    }),
    'token column': () => ({ codeToken: new Uint8Array([1, 2, 3]) }),
    'contains on an indexed column': (value) => ({ code: { contains: value } }),
    'not on an indexed column': (value) => ({ code: { not: value } }),
  }
  test.each(Object.entries(filters))('attack 19: %s is refused before any SQL', async (_name, filter) => {
    const value = canary()
    const run = (record: RecordClient) =>
      record.observation.findMany({ where: filter(value) as never, take: 5, select: { id: true } })
    const statements = await recordStatements(() =>
      records.change([patient], (record) => expect(run(record)).rejects.toThrow(RefusedQuery)),
    )
    expect(onRecords(statements)).toEqual([])
    expect(statements.filter((text) => text.includes(value))).toEqual([])
  })

  test('attack 19: a cursor on an encrypted column is refused', async () => {
    await records.change([patient], (record) =>
      expect(
        record.patient.findMany({ cursor: { mrn: 'x' } as never, take: 5, select: { id: true } }),
      ).rejects.toThrow(RefusedQuery),
    )
  })

  test('attack 19: equality on an indexed column is answered by its token, and the value is never sent', async () => {
    const mrn = canary()
    const code = canary()
    await records.change([patient], async (record) => {
      await record.patient.update({ where: { id: patient }, data: { mrn }, select: { id: true } })
      await record.observation.create({ data: { ...observation('x'), code }, select: { id: true } })
    })
    const statements = await recordStatements(() =>
      records.change([patient], async (record) => {
        expect(await record.patient.findUnique({ where: { mrn }, select: { id: true } })).toEqual({
          id: patient,
        })
        expect(await record.observation.count({ where: { code } })).toBe(1)
        expect(await record.observation.count({ where: { code: { in: [code, 'another'] } } })).toBe(1)
        expect(await record.observation.count({ where: { code: canary() } })).toBe(0)
        expect(
          await record.patient.findMany({ where: { mrn: null }, take: 5, select: { id: true } }),
        ).toEqual([])
      }),
    )
    expect(statements.filter((text) => text.includes(mrn) || text.includes(code))).toEqual([])
  })
})

describe('attack 20: comparing columns with each other', () => {
  test('attack 20: a reference to an encrypted column is refused', async () => {
    const reference = (prismaClient().observation as unknown as { fields: Record<string, unknown> }).fields[
      'display'
    ]
    await records.change([patient], async (record) => {
      for (const where of [
        { status: reference },
        { status: { equals: reference } },
        { display: reference },
      ]) {
        await expect(
          record.observation.findMany({ where: where as never, take: 5, select: { id: true } }),
        ).rejects.toThrow(RefusedQuery)
      }
    })
  })
})

describe('attack 21: a row moved to another patient', () => {
  test.each<[string, (record: RecordClient, id: string) => Promise<unknown>]>([
    [
      'by foreign key',
      (record, id) =>
        record.observation.update({ where: { id }, data: { patientId: other }, select: { id: true } }),
    ],
    [
      'by connect',
      (record, id) =>
        record.observation.update({
          where: { id },
          data: { patient: { connect: { id: other } } },
          select: { id: true },
        }),
    ],
    [
      'by many',
      (record, id) => record.observation.updateMany({ where: { id }, data: { patientId: other } as never }),
    ],
    [
      'by the other side',
      (record, id) =>
        record.patient.update({
          where: { id: other },
          data: { observations: { connect: { id } } },
          select: { id: true },
        }),
    ],
    [
      'by set',
      (record, id) =>
        record.patient.update({
          where: { id: other },
          data: { observations: { set: [{ id }] } },
          select: { id: true },
        }),
    ],
    [
      'by connectOrCreate',
      (record, id) =>
        record.patient.update({
          where: { id: other },
          data: {
            observations: {
              connectOrCreate: { where: { id }, create: { kind: 'x', status: 'x', display: 'x' } },
            },
          },
          select: { id: true },
        }),
    ],
    [
      'by a new id',
      (record, id) =>
        record.observation.update({ where: { id }, data: { id: randomUUID() }, select: { id: true } }),
    ],
    [
      'on creation, with two owners',
      (record) =>
        record.observation.create({
          data: {
            kind: 'x',
            status: 'x',
            display: 'x',
            patientId: patient,
            patient: { connect: { id: other } },
          } as never,
          select: { id: true },
        }),
    ],
  ])('attack 21: %s', async (_name, move) => {
    const { id } = await records.change([patient], (record) =>
      record.observation.create({ data: observation('stays'), select: { id: true } }),
    )
    await expect(records.change([patient, other], (record) => move(record, id))).rejects.toThrow(RefusedQuery)
    expect(await records.raw('SELECT patient_id FROM phi.observation WHERE id = $1', [id])).toEqual([
      { patient_id: patient },
    ])
  })

  test('attack 21: an encounter of another patient is refused as parent', async () => {
    const foreign = await records.change([other], (record) =>
      record.encounter.create({ data: { patientId: other, ...encounter('foreign') }, select: { id: true } }),
    )
    const hang = (data: object) =>
      records.change([patient, other], (record) =>
        record.observation.create({ data: { ...observation('x'), ...data } as never, select: { id: true } }),
      )
    await expect(hang({ encounter: { connect: { id: foreign.id } } })).rejects.toThrow(RefusedQuery)
    // By its bare key the composite foreign key refuses it.
    await expect(hang({ encounterId: foreign.id })).rejects.toThrow(RecordError)
  })
})

describe('attack 22: encrypting twice', () => {
  test('attack 22: a row written back as it was read stays the same', async () => {
    await records.change([patient], async (record) => {
      const { id } = await record.observation.create({ data: observation('once'), select: { id: true } })
      const select = { display: true, valueNumber: true, components: true } as const
      for (let round = 0; round < 3; round += 1) {
        const row = await record.observation.findUniqueOrThrow({ where: { id }, select })
        await record.observation.update({ where: { id }, data: row, select: { id: true } })
      }
      expect((await record.observation.findUniqueOrThrow({ where: { id }, select })).display).toBe('once')
    })
  })

  test('attack 22: text that looks like a cell is text', async () => {
    const [cell] = await records.raw<{ family_name: string }>(
      'SELECT family_name FROM phi.patient WHERE id = $1',
      [other],
    )
    const forged = cell?.family_name ?? ''
    expect(forged).toMatch(/^phi1\./)
    await records.change([patient], async (record) => {
      const { id } = await record.observation.create({ data: observation(forged), select: { id: true } })
      expect(
        (await record.observation.findUniqueOrThrow({ where: { id }, select: { display: true } })).display,
      ).toBe(forged)
    })
  })
})
