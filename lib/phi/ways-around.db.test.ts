import { randomBytes, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { env } from '#lib/env.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { dumpDatabase } from '#lib/testing/dump-database.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { onRecords, recordStatements } from '#lib/testing/record-statements.ts'
import { withEncryption } from './extension.ts'
import { RefusedQuery } from './record-error.ts'
import type { RecordClient } from './types.ts'

/* Ways around the layer, tried by somebody who works on this code: what they can reach, and what the database says to it. */
let records: RecordCast
let maria: string
beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Santos' })
  await records.change([maria], (record) =>
    record.encounter.create({
      data: {
        patientId: maria,
        status: 'finished',
        startedAt: new Date('2026-01-01T00:00:00Z'),
        display: 'visit',
      },
      select: { id: true },
    }),
  )
})
afterAll(() => records.close())

const canary = () => `canary-${randomBytes(9).toString('hex')}`
const extended = () => withEncryption(prismaClient(), processKeyStore)
type Anything = Record<string, ((...given: unknown[]) => Promise<unknown>) | undefined>

describe('attack 16: SQL of one’s own', () => {
  test('attack 16: every method of the extended client that sends SQL is refused, and Prisma has no others', async () => {
    const client = extended() as unknown as Anything
    const sending = ['$queryRaw', '$queryRawUnsafe', '$executeRaw', '$executeRawUnsafe']
    const internal = ['$queryRawTyped', '$queryRawInternal', '$executeRawInternal', '$runCommandRaw']
    const harmless = [
      '$connect',
      '$disconnect',
      '$on',
      '$extends',
      '$transaction',
      '$parent',
      '$name',
      '$applyPendingMigrations',
    ]
    const offered = new Set<string>()
    for (let of: unknown = client; typeof of === 'object' && of !== null; of = Object.getPrototypeOf(of))
      for (const key of Object.getOwnPropertyNames(of)) if (key.startsWith('$')) offered.add(key)
    expect([...offered].filter((key) => ![...sending, ...internal, ...harmless].includes(key))).toEqual([])
    const value = canary()
    const template = Object.assign([`SELECT '${value}'`], { raw: [`SELECT '${value}'`] })
    const typed = { sql: `SELECT '${value}'`, values: [], [Symbol.toStringTag]: 'TypedSql' }
    const statements = await recordStatements(() =>
      records.change([maria], async () => {
        for (const method of sending.filter((name) => offered.has(name))) {
          const given = method.endsWith('Unsafe') ? template[0] : template
          await expect(client[method]?.(given), method).rejects.toThrow(RefusedQuery)
        }
        // TypedSQL would have to be switched on in the schema first; the others are Prisma's own.
        for (const method of internal) {
          const given = method === '$queryRawTyped' ? [typed] : [undefined, '$queryRaw', template]
          await expect((async () => client[method]?.(...given))(), method).rejects.toThrow()
        }
      }),
    )
    expect(offered.has('$queryRaw') && offered.has('$executeRawUnsafe')).toBe(true)
    expect(statements.filter((text) => text.includes(value))).toEqual([])
  })

  test.each<[string, (value: string) => string]>([
    ['INSERT … RETURNING', (value) => `INSERT INTO phi.observation (id, patient_id, kind, status, display) VALUES ('${randomUUID()}', '${maria}', 'x', 'x', '${value}') RETURNING display`],
    ['UPDATE', (value) => `UPDATE phi.patient SET family_name = '${value}' WHERE id = '${maria}'`],
    ['UPDATE to a text that only begins like a cell', (value) => `UPDATE phi.patient SET family_name = 'phi1.00000001.${value}' WHERE id = '${maria}'`],
  ])('attack 16: %s inside an admitted unit, past the layer: the column takes ciphertext only', async (_name, sql) => {
    const value = canary()
    const method = '$executeRawUnsafe' as const
    await expect(
      records.change([maria], async (record) => {
        // With a change of its own before, so that the effect row of the same model is there.
        await record.patient.update({ where: { id: maria }, data: { sex: 'female' }, select: { id: true } })
        await record.observation.create({ data: { patientId: maria, kind: 'x', status: 'x', display: 'x' }, select: { id: true } })
        return prismaClient()[method](sql(value))
      }),
    ).rejects.toThrow()
    expect(await dumpDatabase(records)).not.toContain(value)
  }) // prettier-ignore

  test.each(['app', 'worker'] as const)(
    'attack 16: psql and COPY with the login of %s reach no table of the record',
    async (login) => {
      const sql = records.cast.sql[login]
      for (const text of [
        'SELECT family_name FROM phi.patient',
        `INSERT INTO phi.patient (id, family_name) VALUES (gen_random_uuid(), 'x')`,
        `UPDATE phi.patient SET family_name = 'x'`,
        'DELETE FROM phi.patient',
        'COPY phi.patient TO STDOUT',
        'COPY phi.patient (id, family_name) FROM STDIN',
        'TABLE phi.search_token',
        'TABLE phi.row_history',
      ])
        await expect(sql.query(text), text).rejects.toMatchObject({ code: '42501' })
    },
  )
})

describe('attack 17: clients without the layer', () => {
  type Client = { patient: ReturnType<typeof prismaClient>['patient'] }
  const ways: Record<string, (work: (client: Client) => Promise<unknown>) => Promise<unknown>> = {
    'a second client': (work) => work(prismaClient()),
    $parent: (work) => work((extended() as unknown as { $parent: Client }).$parent),
    'the parent of a delegate': (work) =>
      work({
        patient: (extended().patient as unknown as { $parent: { patient: Client['patient'] } }).$parent
          .patient,
      }),
    _originalClient: (work) =>
      work(
        (
          extended() as unknown as { _originalClient: { $extends: (by: object) => Client } }
        )._originalClient.$extends({}),
      ),
    'the client of a transaction': (work) =>
      (extended() as unknown as Anything)['$transaction']?.(async (tx: unknown) =>
        work((tx as { $parent: Client }).$parent),
      ) ?? Promise.resolve(),
  }

  test.each(Object.entries(ways))(
    'attack 17: %s has no connection outside of a unit',
    async (_name, through) => {
      const statements = await recordStatements(() =>
        expect(
          through((client) => client.patient.findMany({ take: 1, select: { familyName: true } })),
        ).rejects.toThrow(),
      )
      expect(onRecords(statements)).toEqual([])
    },
  )

  test.each(Object.entries(ways))(
    'attack 17: %s sees ciphertext inside a unit, of the admitted alone, and can write none in the clear',
    async (_name, through) => {
      const value = canary()
      const other = await records.addPatient({ familyName: 'Other' })
      const seen: unknown[] = []
      const began = await records
        .change([maria], () =>
          through(async (client) => {
            const select = { id: true, familyName: true } as const
            seen.push(...(await client.patient.findMany({ take: 50, select })))
            return client.patient.update({
              where: { id: maria },
              data: { familyName: value },
              select: { id: true },
            })
          }),
        )
        .then(
          () => 'the column took a value in the clear',
          (error: unknown) => (error instanceof Error ? error.message : ''),
        )
      expect(began).not.toContain('in the clear')
      // The way does lead somewhere.
      expect(seen.length, began).toBe(1)
      for (const row of seen) expect(row).toEqual({ id: maria, familyName: expect.stringMatching(/^phi1\./) })
      expect(JSON.stringify(seen)).not.toContain(other)
      expect(await dumpDatabase(records)).not.toContain(value)
    },
  )
})

describe('attack 18: scripts that load data', () => {
  test('attack 18: an import leaves no value of its file in the clear', async () => {
    const [family, street, note] = [canary(), canary(), canary()]
    const file = path.join(env.home, `${randomUUID()}.json`)
    const patient = { reference: 'Patient/p' }
    const entry = [
      { resourceType: 'Patient', id: 'p', name: [{ family }], address: [{ line: [street], city: 'x' }], birthDate: '1980-01-01' },
      { resourceType: 'Observation', id: 'o', status: 'final', subject: patient, code: { text: note }, valueString: note, note: [{ text: note }] },
      { resourceType: 'Condition', id: 'c', subject: patient, code: { text: note }, clinicalStatus: { coding: [{ code: 'active' }] } },
    ].map((resource) => ({ resource })) // prettier-ignore
    writeFileSync(file, JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }))
    const verb = {
      verb: 'import fhir',
      usage: '',
      summary: '',
      load: () => import('#lib/ops/import-fhir/import-fhir.ts'),
    }
    let out = ''
    const statements = await recordStatements(() =>
      runCommandLine([verb], ['import', 'fhir', file, '--json'], () => env, {
        out: (text) => void (out += text),
        err: (text) => void (out += text),
      }),
    )
    expect(JSON.parse(out)).toMatchObject({ patients: 1, created: 3, refused: [] })
    const dump = await dumpDatabase(records)
    for (const value of [family, street, note]) {
      expect(statements.filter((text) => text.includes(value))).toEqual([])
      expect(dump).not.toContain(value)
      expect(out).not.toContain(value)
    }
    const [row] = await records.raw<{ id: string }>(
      'SELECT id FROM phi.patient ORDER BY created_at DESC LIMIT 1',
    )
    const read = await records.change(
      [row?.id ?? ''],
      (record) => record.patient.findUnique({ where: { id: row?.id ?? '' }, select: { familyName: true } }),
      { action: 'READ' },
    )
    expect(read).toEqual({ familyName: family })
  })
})

describe('attack 19: a filter in every place where Prisma takes one', () => {
  type Try = (record: RecordClient, where: never) => Promise<unknown>
  const places: Record<string, Try> = {
    findFirst: (record, where) => record.encounter.findFirst({ where, select: { id: true } }),
    findFirstOrThrow: (record, where) => record.encounter.findFirstOrThrow({ where, select: { id: true } }),
    findMany: (record, where) => record.encounter.findMany({ where, take: 5, select: { id: true } }),
    findUnique: (record, where) =>
      record.encounter.findUnique({ where: { id: maria, AND: [where] }, select: { id: true } }),
    findUniqueOrThrow: (record, where) =>
      record.encounter.findUniqueOrThrow({ where: { id: maria, AND: [where] }, select: { id: true } }),
    count: (record, where) => record.encounter.count({ where }),
    update: (record, where) =>
      record.encounter.update({
        where: { id: maria, AND: [where] },
        data: { status: 'x' },
        select: { id: true },
      }),
    updateMany: (record, where) => record.encounter.updateMany({ where, data: { status: 'x' } }),
    updateManyAndReturn: (record, where) =>
      record.encounter.updateManyAndReturn({ where, data: { status: 'x' }, select: { id: true } }),
    upsert: (record, where) =>
      record.encounter.upsert({
        where: { id: maria, AND: [where] },
        create: { patientId: maria, status: 'x', display: 'x', startedAt: new Date(0) },
        update: {},
        select: { id: true },
      }),
    delete: (record, where) =>
      record.encounter.delete({ where: { id: maria, AND: [where] }, select: { id: true } }),
    deleteMany: (record, where) => record.encounter.deleteMany({ where }),
    'a nested list': (record, where) =>
      record.patient.findMany({ take: 1, select: { encounters: { where, take: 5, select: { id: true } } } }),
    'a nested updateMany': (record, where) =>
      record.patient.update({
        where: { id: maria },
        data: { encounters: { updateMany: { where, data: { status: 'x' } } } },
        select: { id: true },
      }),
    'a nested deleteMany': (record, where) =>
      record.patient.update({
        where: { id: maria },
        data: { encounters: { deleteMany: [where] } },
        select: { id: true },
      }),
    'a nested update': (record, where) =>
      record.patient.update({
        where: { id: maria },
        data: { encounters: { update: { where: { id: maria, AND: [where] }, data: { status: 'x' } } } },
        select: { id: true },
      }),
    connect: (record, where) =>
      record.observation.create({
        data: {
          kind: 'x', status: 'x', display: 'x', patient: { connect: { id: maria } },
          encounter: { connect: { id: maria, AND: [where] } },
        },
        select: { id: true },
      }), // prettier-ignore
    connectOrCreate: (record, where) =>
      record.patient.update({
        where: { id: maria },
        data: {
          encounters: {
            connectOrCreate: {
              where: { id: randomUUID(), AND: [where] },
              create: { status: 'x', display: 'x', startedAt: new Date(0) },
            },
          },
        },
        select: { id: true },
      }),
    some: (record, where) => record.patient.count({ where: { encounters: { some: where } } }),
    every: (record, where) => record.patient.count({ where: { encounters: { every: where } } }),
    none: (record, where) => record.patient.count({ where: { encounters: { none: where } } }),
    isNot: (record, where) => record.observation.count({ where: { encounter: { isNot: where } } }),
    'is, below a relation below NOT': (record, where) =>
      record.observation.count({ where: { NOT: [{ encounter: { is: where } }] } }),
  }

  test.each(Object.entries(places))(
    'attack 19: in %s it is refused, and the value is never sent',
    async (_name, place) => {
      const value = canary()
      const statements = await recordStatements(() =>
        records
          .change([maria], (record) => place(record, { display: value } as never))
          .then(
            () => expect.unreachable('a filter on a sealed value was let through'),
            (error: unknown) => expect(error).toBeInstanceOf(RefusedQuery),
          ),
      )
      expect(statements.filter((text) => text.includes(value))).toEqual([])
    },
  )

  test.each(Object.entries(places))(
    'attack 19: control: %s takes a filter on a plain column',
    async (_name, place) => {
      const error: unknown = await records
        .change([maria], async (record) => {
          await place(record, { status: 'nothing-has-this-status' } as never)
          throw new Error('taken back')
        })
        .catch((thrown: unknown) => thrown)
      expect(error).not.toBeInstanceOf(RefusedQuery)
    },
  )
})

describe('attack 24: the fluent API of the extended client, which no unit is handed', () => {
  test.each<[string, (client: ReturnType<typeof extended>) => Promise<unknown>]>([
    ['from parent to children', (client) =>
      client.patient.findUnique({ where: { id: maria }, select: { id: true } }).encounters({ take: 5, select: { display: true } })],
    ['from child to parent', async (client) => {
      const [row] = await records.raw<{ id: string }>('SELECT id FROM phi.encounter LIMIT 1')
      return client.encounter.findUnique({ where: { id: row?.id ?? '' }, select: { id: true } }).patient({ select: { familyName: true } })
    }],
  ])('attack 24: %s it gives no ciphertext', async (_name, follow) => {
    const outcome = await records
      .change([maria], () => follow(extended()), { action: 'READ' })
      .then(
        (given) => JSON.stringify(given ?? null),
        (error: unknown) => (error instanceof Error ? error.name : ''),
      )
    expect(outcome).not.toContain('phi1.')
  }) // prettier-ignore
})
