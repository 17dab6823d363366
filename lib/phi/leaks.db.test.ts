import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { withEncryption } from './extension.ts'
import { operations, recordModels, type RecordClient } from './record-client.ts'
import { RecordError, RefusedQuery } from './record-error.ts'

let records: RecordCast
let maria: string
beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Santos', mrn: 'MRN-L' })
})
afterAll(() => records.close())

const canary = () => `canary-${randomBytes(9).toString('hex')}`
const at = new Date('2026-03-01T10:00:00Z')

/** The error of a unit, with all that hangs on it, as a log or an error page could show it. */
async function everythingTold(
  work: (record: RecordClient) => Promise<unknown>,
): Promise<{ error: unknown; told: string }> {
  const error: unknown = await records.change([maria], work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return {
    error,
    told: `${inspect(error, { depth: null, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`,
  }
}

describe('attack 52: errors that quote values', () => {
  const failing: Record<string, (record: RecordClient, value: string) => Promise<unknown>> = {
    'an argument that does not exist': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: 'x', display: value, [value]: value } as never,
        select: { id: true },
      }),
    'a plain column of the wrong type': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: { bad: value }, display: value } as never,
        select: { id: true },
      }),
    'a date that is none': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: 'x', display: 'x', effectiveAt: value } as never,
        select: { id: true },
      }),
    'a filter on a uuid that is none (22P02)': (record, value) =>
      record.observation.findMany({ where: { encounterId: value }, take: 1, select: { id: true } }),
    'an encrypted value of the wrong type': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: 'x', display: [value] } as never,
        select: { id: true },
      }),
    'a number that is none': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: 'x', display: 'x', valueNumber: value } as never,
        select: { id: true },
      }),
    'a row that exists already (P2002)': async (record, value) => {
      const data = { id: maria, patientId: maria, kind: 'phone', value }
      await record.patientContact.create({ data, select: { id: true } })
      await record.patientContact.create({ data, select: { id: true } })
    },
    'a foreign key to nothing (P2003)': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: value, display: value, practitionerId: maria },
        select: { id: true },
      }),
    'a NUL that text cannot hold (22021)': (record, value) =>
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: `${value}\u0000`, display: value },
        select: { id: true },
      }),
    'a refused filter': (record, value) =>
      record.observation.findMany({
        where: { display: { contains: value } } as never,
        take: 1,
        select: { id: true },
      }),
  }
  test.each(Object.entries(failing))('attack 52: %s', async (_name, fail) => {
    const value = canary()
    const { error, told } = await everythingTold((record) => fail(record, value))
    expect(error).toBeInstanceOf(Error)
    expect(error instanceof RecordError || error instanceof RefusedQuery).toBe(true)
    expect(told).not.toContain(value)
    expect(told).not.toContain('phi1.')
    expect((error as Error).cause).toBeUndefined()
  })

  test('attack 52: control: Prisma itself does quote the value', async () => {
    const value = canary()
    const { told } = await everythingTold(() =>
      prismaClient().observation.findMany({
        where: { status: { bad: value } as never },
        take: 1,
        select: { id: true },
      }),
    )
    expect(told).toContain(value)
  })

  test('attack 52: what the domain refuses is not in the server’s log either', async () => {
    const value = canary()
    const parent = prismaClient()
    const { told } = await everythingTold((record) =>
      record.patient
        .count({})
        .then(() =>
          parent.patient.update({ where: { id: maria }, data: { familyName: value }, select: { id: true } }),
        ),
    )
    expect(told.length).toBeGreaterThan(10)
    const log = readFileSync(path.join(inject('testServers').root, 'data.log'), 'utf8')
    expect(log).toContain('ready to accept connections')
    expect(log).not.toContain('canary-')
  })

  test('attack 52: nothing is printed, not even when Prisma is asked to talk', () => {
    const value = canary()
    const script = `
      const { asService } = await import('#lib/phi/service-actor.ts')
      const { withRecord } = await import('#lib/phi/with-record.ts')
      const access = { view: 'import', action: 'UPDATE', patients: ['${maria}'] }
      const select = { familyName: true }
      const outcome = await asService('import', (actor) =>
        withRecord(actor, access, (record) =>
          record.patient.update({ where: { id: '${maria}' }, data: { familyName: '${value}' }, select })))
      console.log(outcome.value.familyName === '${value}' ? 'written and read' : 'not written')
      process.exit(0)`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--conditions=react-server', '--input-type=module', '-e', script],
      {
        cwd: path.resolve(import.meta.dirname, '../..'),
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '', DEBUG: 'prisma:*' },
      },
    )
    expect(stdout).toContain('written and read')
    expect(stderr).toContain('prisma:')
    expect(`${stdout}${stderr}`).not.toContain(value)
  })

  test('attack 52: the trail names fields and no values', async () => {
    const value = canary()
    await records.change([maria], (record) =>
      record.observation.create({
        data: {
          patientId: maria,
          kind: 'laboratory',
          status: 'final',
          effectiveAt: at,
          display: value,
          note: value,
        },
        select: { id: true },
      }),
    )
    const rows = await records.raw<{ changed_fields: object; line: string }>(
      `SELECT changed_fields, l::text AS line FROM audit.patient_phi_audit_log l
       WHERE outcome = 'EFFECT' AND patient_id = $1 ORDER BY seq DESC LIMIT 1`,
      [maria],
    )
    expect(rows[0]?.changed_fields).toEqual({
      Observation: ['display', 'note', 'patientId', 'kind', 'status', 'effectiveAt'],
    })
    expect(rows[0]?.line).not.toContain(value)
  })
})

describe('attack 54: lengths that tell', () => {
  test('attack 54: every value of a column with few values has a ciphertext of the same length', async () => {
    const lengths = new Set<number>()
    for (const sex of ['male', 'female', 'other', 'unknown', '']) {
      await records.change([maria], (record) =>
        record.patient.update({ where: { id: maria }, data: { sex }, select: { id: true } }),
      )
      const [row] = await records.raw<{ length: number }>(
        'SELECT length(sex) AS length FROM phi.patient WHERE id = $1',
        [maria],
      )
      lengths.add(row?.length ?? 0)
    }
    expect(lengths.size).toBe(1)
  })

  test('attack 54: control: a column without padding tells the length', async () => {
    const lengths = new Set<number>()
    for (const familyName of ['Li', 'Featherstonehaugh']) {
      await records.change([maria], (record) =>
        record.patient.update({ where: { id: maria }, data: { familyName }, select: { id: true } }),
      )
      const [row] = await records.raw<{ length: number }>(
        'SELECT length(family_name) AS length FROM phi.patient WHERE id = $1',
        [maria],
      )
      lengths.add(row?.length ?? 0)
    }
    expect(lengths.size).toBe(2)
  })
})

describe('attack 60: a Prisma that has changed', () => {
  const version = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../node_modules/@prisma/client/package.json'), 'utf8'),
  ) as { version: string }

  test('attack 60: the version is the one that was looked into', () => {
    expect(version.version).toBe('7.10.0')
  })

  test('attack 60: every operation that Prisma offers is either handled or refused', async () => {
    const extended = withEncryption(prismaClient(), processKeyStore) as unknown as Record<
      string,
      Record<string, unknown>
    >
    // `fields` are column references, `name` the model's name, `$…` the extension's own; the rest are operations.
    const offered = Object.getOwnPropertyNames(extended['observation']).filter(
      (key) => !/^[$_]|^(fields|name)$/.test(key),
    )
    const unknown = offered.filter((key) => !(operations as readonly string[]).includes(key))
    expect(offered).toEqual(expect.arrayContaining([...operations]))
    await records.change([maria], async () => {
      for (const key of unknown) {
        const call = extended['observation']?.[key]
        expect(typeof call, key).toBe('function')
        await expect(
          (call as (args: object) => Promise<unknown>)({ by: ['status'], _count: true }),
          key,
        ).rejects.toThrow(RefusedQuery)
      }
    })
    expect(unknown.sort()).toEqual(['aggregate', 'aggregateRaw', 'findRaw', 'groupBy'])
  })

  test('attack 60: the extension is asked once per call, with the operation’s own name and a copy of the arguments', async () => {
    const asked: unknown[] = []
    const given = { take: 1, select: { id: true } }
    const client = prismaClient().$extends({
      query: {
        $allOperations: ({ model, operation, args, query }) => {
          asked.push([model, operation, args === given, JSON.stringify(args) === JSON.stringify(given)])
          return query(args)
        },
      },
    })
    await records.change([maria], async () => {
      await client.patient.findMany(given)
      await client.patient.findFirst(given)
    })
    expect(asked).toEqual([
      ['Patient', 'findMany', false, true],
      ['Patient', 'findFirst', false, true],
    ])
  })

  test('attack 60: an extended client still leads back to the plain one, which is why none is handed out', () => {
    const extended = withEncryption(prismaClient(), processKeyStore)
    expect('$parent' in extended).toBe(true)
    expect(recordModels.every((name) => name in extended)).toBe(true)
  })
})
