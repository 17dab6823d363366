import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { endPools } from '#lib/db/pools.ts'
import { prismaClient } from '#lib/db/prisma-client.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { RecordClient } from './types.ts'

/*
 * Who listens to a running product: a collector of traces, the database server when it is told to log everything, whoever
 * reads standard output. A value is written, read, looked for and refused while they listen.
 */
let records: RecordCast
let maria: string
beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Santos' })
})
afterAll(() => records.close())

const canary = () => `told-${randomBytes(9).toString('hex')}`

/** A value's whole life: written, found by its index, read, changed, refused in a filter, cleared. */
async function live(value: string): Promise<void> {
  await records.change([maria], async (record: RecordClient) => {
    const { id } = await record.observation.create({
      data: {
        patientId: maria,
        kind: 'laboratory',
        status: 'final',
        display: value,
        code: value,
        note: value,
      },
      select: { id: true },
    })
    await record.patient.update({
      where: { id: maria },
      data: { mrn: value, familyName: value },
      select: { id: true },
    })
    expect(await record.observation.count({ where: { code: value } })).toBe(1)
    expect(await record.patient.findUnique({ where: { mrn: value }, select: { familyName: true } })).toEqual({
      familyName: value,
    })
    const select = { display: true, patient: { select: { familyName: true } } } as const
    const row = await record.observation.findUnique({ where: { id }, select })
    expect(row).toEqual({ display: value, patient: { familyName: value } })
    await expect(
      record.observation.findMany({
        where: { note: { contains: value } } as never,
        take: 1,
        select: { id: true },
      }),
    ).rejects.toThrow('is encrypted')
    await expect(
      record.observation.create({
        data: { patientId: maria, kind: 'x', status: { not: value } as never, display: value },
        select: { id: true },
      }),
    ).rejects.toThrow('VALIDATION')
    await record.observation.updateMany({ where: { id }, data: { note: null, code: null } })
  })
}

type Span = { name: string; attributes?: Record<string, unknown> }
type TracingHelper = {
  isEnabled: () => boolean
  getTraceParent: () => string
  getActiveContext: () => undefined
  dispatchEngineSpans: (spans: unknown) => void
  runInChildSpan: <T>(span: string | Span, work: () => T) => T
}

/** What `@prisma/instrumentation` hands to OpenTelemetry, caught at the place where it hooks in. */
async function traced(work: () => Promise<unknown>): Promise<string[]> {
  const spans: string[] = []
  const helper: TracingHelper = {
    isEnabled: () => true,
    getTraceParent: () => '00-10-10-00',
    getActiveContext: () => undefined,
    dispatchEngineSpans: (given) => void spans.push(JSON.stringify(given)),
    runInChildSpan: (span, run) => {
      spans.push(JSON.stringify(span))
      return run()
    },
  }
  const hook = globalThis as { V7_PRISMA_INSTRUMENTATION?: { helper: TracingHelper } }
  hook.V7_PRISMA_INSTRUMENTATION = { helper }
  try {
    await work()
  } finally {
    delete hook.V7_PRISMA_INSTRUMENTATION
  }
  return spans
}

describe('attack 52: traces', () => {
  test('attack 52: spans name statements and no value', async () => {
    const value = canary()
    const spans = await traced(() => live(value))
    expect(
      spans.filter((span) => span.includes('db.query.text') && span.includes('phi')).length,
    ).toBeGreaterThan(5)
    expect(spans.filter((span) => span.includes(value) || span.includes('phi1.'))).toEqual([])
  })

  test('attack 52: control: a value that stands in a statement is in the spans', async () => {
    const value = canary()
    const method = '$queryRawUnsafe' as const
    const spans = await traced(() =>
      records.change([maria], () => prismaClient()[method](`SELECT '${value}' AS x`)),
    )
    expect(spans.join()).toContain(value)
  })
})

describe('attack 52: the server’s log', () => {
  const log = () => readFileSync(path.join(inject('testServers').root, 'data.log'), 'utf8')

  test('attack 52: a server that logs every statement with its parameters logs no value', async () => {
    const value = canary()
    const [{ name } = { name: '' }] = await records.raw<{ name: string }>('SELECT current_database() AS name')
    const logins = ['vigil_app', 'vigil_worker']
    const settings = [
      "log_statement = 'all'",
      'log_min_duration_statement = 0',
      'log_parameter_max_length = -1',
      "log_error_verbosity = 'default'",
    ]
    // Settings of a login hold for connections that begin after them.
    for (const login of logins)
      for (const setting of settings)
        await records.raw(`ALTER ROLE ${login} IN DATABASE "${name}" SET ${setting}`)
    await endPools()
    const before = log().length
    try {
      await live(value)
    } finally {
      for (const login of logins) await records.raw(`ALTER ROLE ${login} IN DATABASE "${name}" RESET ALL`)
      await endPools()
    }
    const written = log().slice(before)
    expect(written).toMatch(/INSERT INTO "phi"\."observation"/)
    // The parameters are there, sealed.
    expect(written).toContain("'phi1.")
    expect(written).not.toContain(value)
    expect(written).not.toContain(Buffer.from(value).toString('hex'))
  })

  test('attack 52: control: a value that is sent in the clear is in that log', async () => {
    const value = canary()
    // As Vigil sets its server up, not even then: the parameters must be asked for.
    await records.raw("SET log_statement = 'all'")
    await records.raw('SELECT $1::text', [value])
    expect(log()).not.toContain(value)
    await records.raw('SET log_parameter_max_length = -1')
    await records.raw("SET log_error_verbosity = 'default'")
    await records.raw('SELECT $1::text', [value])
    await records.raw('RESET ALL')
    expect(log()).toContain(value)
  })
})

test('attack 52: nothing is printed while a value lives, by no method of the console and to no stream', async () => {
  const value = canary()
  const printed: string[] = []
  const methods = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'table'] as const
  const spies = [
    ...methods.map((method) =>
      vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
        printed.push(words.map(String).join(' '))
      }),
    ),
    ...[process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        printed.push(String(chunk))
        return true
      }),
    ),
  ]
  await live(value)
  console.log(`control: ${value}`)
  for (const spy of spies) spy.mockRestore()
  expect(printed.filter((text) => text.includes(value))).toEqual([`control: ${value}`])
})
