import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { recordStatements } from '#lib/testing/record-statements.ts'

/*
 * What the layer takes for granted about Prisma 7.10's extensions, none of which its documentation promises. When one of these
 * fails after an upgrade, the line that it names in the layer has to be thought about again.
 */
let records: RecordCast
let patient: string
beforeAll(async () => {
  records = await makeRecordCast()
  patient = await records.addPatient({ familyName: 'Hook' })
  await records.change([patient], (record) =>
    record.encounter.create({ data: { patientId: patient, status: 'finished', display: 'visit' }, ...id }),
  )
})
afterAll(() => records.close())

const id = { select: { id: true } } as const

type Asked = {
  model: string | undefined
  operation: string
  args: unknown
  internal: Record<string, unknown>
}
type Loose = Record<string, Record<string, (args: object) => Promise<unknown>>> & {
  $transaction: (work: unknown) => Promise<unknown>
  $queryRawUnsafe: (text: string) => Promise<unknown>
  $parent: unknown
}

/** A client that notes what its one extension is asked, and passes everything on. */
function watched(): { client: Loose; asked: Asked[] } {
  const asked: Asked[] = []
  const client = prismaClient().$extends({
    query: {
      $allOperations: (given) => {
        const { model, operation, args, query } = given
        const internal = (given as unknown as { __internalParams?: Record<string, unknown> }).__internalParams
        asked.push({ model, operation, args, internal: internal ?? {} })
        return query(args)
      },
    },
  })
  return { client: client as unknown as Loose, asked }
}

const inUnit = <T>(work: () => Promise<T>): Promise<T> => records.change([patient], work)

describe('attack 60: what an extension is shown', () => {
  test('attack 60: the outermost call alone: nested reads are its arguments, and are walked through by the layer', async () => {
    const { client, asked } = watched()
    await inUnit(async () =>
      client['patient']?.['findFirst']?.({
        where: { id: patient },
        select: { id: true, encounters: { select: { id: true, observations: { select: { id: true } } } } },
      }),
    )
    expect(asked.map(({ model, operation }) => `${model}.${operation}`)).toEqual(['Patient.findFirst'])
  })

  test('attack 60: the fluent interface as a find of the first model, with the way in dataPath', async () => {
    const { client, asked } = watched()
    await inUnit(async () => {
      const found = client['encounter']?.['findFirst']?.({ where: { patientId: patient } }) as unknown as {
        patient: (args: object) => Promise<unknown>
      }
      expect(await found.patient(id)).toEqual({ id: patient })
    })
    const [only] = asked
    expect(asked).toHaveLength(1)
    expect(`${only?.model}.${only?.operation}`).toBe('Encounter.findFirst')
    expect(only?.internal['dataPath']).toEqual(['select', 'patient'])
    // The result has the shape of another model than the one that is named: why finds are not handed out as they are.
    expect(only?.args).toMatchObject({ select: { patient: { select: { id: true } } } })
  })

  test('attack 60: SQL without a model, under the method’s own name', async () => {
    const { client, asked } = watched()
    await inUnit(() => client.$queryRawUnsafe('SELECT 1'))
    expect(asked.map(({ model, operation }) => [model, operation])).toEqual([[undefined, '$queryRawUnsafe']])
  })

  test('attack 60: a transaction only by a private sign, and each of its calls', async () => {
    const { client, asked } = watched()
    await inUnit(() =>
      client.$transaction(async (tx: Loose) => {
        await tx['patient']?.['findFirst']?.({ where: { id: patient }, ...id })
        expect('$parent' in tx, 'a way to the client without the layer').toBe(true)
      }),
    )
    expect(asked.map(({ model, operation }) => `${model}.${operation}`)).toEqual(['Patient.findFirst'])
    expect(asked[0]?.internal['transaction']).toMatchObject({ kind: 'itx' })
  })

  test('attack 60: chained extensions see each other’s half-done work, the first one outermost', async () => {
    const order: string[] = []
    const step = (name: string) => ({
      query: {
        $allOperations: ({ args, query }: { args: unknown; query: (args: unknown) => Promise<unknown> }) => {
          order.push(name)
          return query(args)
        },
      },
    })
    const client = prismaClient()
      .$extends(step('first') as never)
      .$extends(step('second') as never) as unknown as Loose
    await inUnit(async () => client['patient']?.['findFirst']?.({ where: { id: patient }, ...id }))
    expect(order).toEqual(['first', 'second'])
  })
})

describe('attack 60: what comes back', () => {
  test('attack 60: counts as { count }, rows as a list: how many were changed is told apart by that', async () => {
    await records.change([patient], async (record) => {
      const data = { patientId: patient, kind: 'other', status: 'final', display: 'x' }
      expect(await record.observation.createMany({ data: [data, data] })).toEqual({ count: 2 })
      expect(await record.observation.createManyAndReturn({ data: [data], ...id })).toHaveLength(1)
      const where = { patientId: patient }
      expect(await record.observation.updateMany({ where, data: { note: null } })).toEqual({ count: 3 })
      expect(
        await record.observation.updateManyAndReturn({ where, data: { note: null }, ...id }),
      ).toHaveLength(3)
    })
  })

  test('attack 60: what a find returns has a method for each relation, which is why it is wrapped', async () => {
    await inUnit(async () => {
      const pending = prismaClient().patient.findFirst({ where: { id: patient }, ...id })
      expect('encounters' in pending).toBe(true)
      await pending
    })
  })
})

describe('attack 60: how it speaks to the driver', () => {
  test('attack 60: a nested write begins and commits by those very words, which become a savepoint of the unit', async () => {
    const statements = await recordStatements(() =>
      records.change([patient], (record) =>
        record.patient.update({
          where: { id: patient },
          data: { encounters: { create: { status: 'finished', display: 'nested' } } },
          ...id,
        }),
      ),
    )
    const words = statements.map((text) => /^\w+(?: SAVEPOINT)?/.exec(text)?.[0])
    expect(words).toContain('SAVEPOINT')
    expect(words).toContain('RELEASE SAVEPOINT')
    // The unit's own; Prisma's never reach the database.
    expect(words.filter((word) => word === 'BEGIN')).toHaveLength(1)
    expect(words.filter((word) => word === 'COMMIT')).toHaveLength(1)
  })

  test('attack 60: finds of one row in one tick are merged, which is why they are sent as findFirst', async () => {
    const other = randomUUID()
    const both = (operation: 'findUnique' | 'findFirst') =>
      recordStatements(() =>
        inUnit(() =>
          Promise.all(
            [patient, other].map(async (each) =>
              (prismaClient() as unknown as Loose)['patient']?.[operation]?.({ where: { id: each }, ...id }),
            ),
          ),
        ),
      )
    const finds = async (operation: 'findUnique' | 'findFirst') =>
      (await both(operation)).filter((text) => /^SELECT .*"phi"\."patient"/s.test(text)).length
    expect(await finds('findUnique')).toBe(1)
    expect(await finds('findFirst')).toBe(2)
  })
})
