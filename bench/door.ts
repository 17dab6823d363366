import { pathToFileURL } from 'node:url'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { type Pool, type QueryArrayConfig, type QueryArrayResult } from 'pg'
import { openPool as openPasswordFilePool } from '#lib/db/open-pool.ts'
import type { Connection } from '#lib/db/connection.ts'
import type { PrismaClient } from '#lib/db/generated/client.ts'
import type { ChartView } from '#lib/records/chart/view.ts'
import type { BenchRow } from './bench-row.ts'
import { actorOf, withBenchClinic, type BenchClinic } from './clinic.ts'
import { makePlainProduct } from './plain-product.ts'
import { comparison, inTurn, throughput } from './rounds.ts'
import { summarize } from './summarize.ts'

export const name = 'door'

const rounds = 9
const roundMilliseconds = 1_500

/** Opening a chart through the door: over the driver alone, and through Prisma with every cell decrypted. */
export function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => [...(await driverRows(clinic)), ...(await prismaRows(clinic))])
}

/**
 * Admission, unit and the chart's own statements, against a plain committed insert of an equal row and the same
 * statements on plain tables with the same rows, indexes and login.
 */
async function driverRows(clinic: BenchClinic): Promise<BenchRow[]> {
  const statements = await chartStatements(clinic)
  const compared: BenchRow[] = []
  for (const clients of [8, 32]) {
    const [doorPool, floorPool] = [
      openPool(process.env['DATABASE_URL'] ?? '', clients),
      openPool(clinic.plain.sealed, clients),
    ]
    const door = await doorRead(doorPool, clinic, statements)
    const floor = await floorRead(floorPool, clinic, statements)
    for (let turn = 0; turn < clinic.patients.length; turn += 1)
      if ((await door(turn)) !== (await floor(turn))) throw new Error('the two sides read different rows')
    await throughput(clients, roundMilliseconds, door)
    await throughput(clients, roundMilliseconds, floor)
    const pair = await inTurn(
      rounds,
      () => throughput(clients, roundMilliseconds, door),
      () => throughput(clients, roundMilliseconds, floor),
    )
    compared.push(
      comparison(`audited chart read, pg driver, ${clients} clients`, 'reads/s', pair, { atLeast: 0.6 }),
    )
    await Promise.all([doorPool.end(), floorPool.end()])
  }
  return compared
}

/** As the product's own (lib/db/pools.ts), with a connection per client. */
const openPool = (connectionString: string, max: number): Pool =>
  // A connection that the server ends when it stops is no fault of the benchmark's.
  openPasswordFilePool(connectionString, { max, pipeline: true }).on('error', () => undefined)

type Statements = ReadonlyMap<string, readonly QueryArrayConfig[]>

type QueryArray = (this: Connection, config: QueryArrayConfig) => Promise<QueryArrayResult>

/** What Prisma sends to read each patient's chart. */
async function chartStatements(clinic: BenchClinic): Promise<Statements> {
  const { Connection } = await import('#lib/db/connection.ts')
  const { openChart } = await import('#lib/records/chart/open-chart.ts')
  const original = Reflect.get(Connection.prototype, 'queryArray') as QueryArray
  const all = new Map<string, QueryArrayConfig[]>()
  try {
    for (const patient of clinic.patients) {
      const sent: QueryArrayConfig[] = []
      all.set(patient, sent)
      Connection.prototype.queryArray = function (config) {
        sent.push({ text: config.text, values: config.values ?? [], rowMode: 'array' })
        return original.call(this, config)
      }
      const outcome = await openChart(actorOf(clinic.nurse), patient)
      if (outcome.kind === 'denied' || sent.length === 0) throw new Error('a chart did not open')
    }
  } finally {
    Connection.prototype.queryArray = original
  }
  return all
}

type Read = (turn: number) => Promise<number>

async function doorRead(pool: Pool, clinic: BenchClinic, statements: Statements): Promise<Read> {
  const { Connection } = await import('#lib/db/connection.ts')
  const { statementName } = await import('#lib/db/statement-name.ts')
  const { admit } = await import('#lib/phi/admit.ts')
  const { rollBack } = await import('#lib/phi/run-unit.ts')
  const { chartAccess } = await import('#lib/records/chart/open-chart.ts')
  return async (turn) => {
    const patient = clinic.patients[turn % clinic.patients.length] ?? ''
    const connection = await Connection.borrow(pool, 'bench.door')
    try {
      const admission = await admit(connection, actorOf(clinic.nurse, turn), chartAccess(patient))
      if (admission.kind === 'denied') throw new Error(admission.reason)
      const results = await Promise.all(
        (statements.get(patient) ?? []).map((statement) =>
          connection.queryArray({ ...statement, name: statementName(statement.text) }),
        ),
      )
      await admission.begun.done
      void rollBack(connection)
      return results.reduce((count, { rows }) => count + rows.length, 0)
    } finally {
      connection.giveBack()
    }
  }
}

const insertText = `INSERT INTO audit.plain_row (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view,
  resource_type, resource_id, changed_fields, purpose, outcome, relation, client_ip)
  VALUES ($1, 'nurse', 'phi_nurse', $2, gen_random_uuid(), $3, 'READ', 'chart-summary', 'Patient', $3, $4, 'TREAT', 'ALLOWED', 'care', '127.0.0.1')`

async function floorRead(pool: Pool, clinic: BenchClinic, statements: Statements): Promise<Read> {
  const { chartAccess } = await import('#lib/records/chart/open-chart.ts')
  const fields = JSON.stringify(chartAccess('').fields)
  const names = new Map<string, string>()
  const nameOf = (text: string): string => {
    const known = names.get(text) ?? `f${names.size}`
    names.set(text, known)
    return known
  }
  return async (turn) => {
    const patient = clinic.patients[turn % clinic.patients.length] ?? ''
    const client = await pool.connect()
    try {
      const values = [clinic.nurse.accountId, clinic.nurse.accountId, patient, fields]
      await client.query({ name: 'insert', text: insertText, values })
      const results = await Promise.all(
        (statements.get(patient) ?? []).map((statement) =>
          client.query({ ...statement, name: nameOf(statement.text) }),
        ),
      )
      return results.reduce((count, { rows }) => count + rows.length, 0)
    } finally {
      client.release()
    }
  }
}

/** The whole verb that the chart page calls, against the same select on plain Prisma without a transaction. */
async function prismaRows(clinic: BenchClinic): Promise<BenchRow[]> {
  const { openChart } = await import('#lib/records/chart/open-chart.ts')
  const { readChart } = await import('#lib/records/chart/read-chart.ts')
  const client = await plainClient(clinic.plain.open)
  const patientOf = (turn: number) => clinic.patients[turn % clinic.patients.length] ?? ''
  const door = (turn: number) => openChart(actorOf(clinic.nurse, turn), patientOf(turn))
  const floor = (turn: number) => readChart(client, patientOf(turn))
  await assertSameCharts(clinic, door, floor)
  try {
    const rows: BenchRow[] = []
    const times = { figures: [] as number[], floors: [] as number[] }
    for (let turn = 0; turn < 400; turn += 1) {
      const first = turn % 2 === 0 ? 'floors' : 'figures'
      for (const side of [first, first === 'floors' ? 'figures' : 'floors'] as const) {
        const start = performance.now()
        await (side === 'figures' ? door : floor)(turn)
        if (turn >= 100) times[side].push(performance.now() - start)
      }
    }
    rows.push(comparison('open a chart through Prisma, 1 client, p50', 'ms', times, { atMost: 3 }))
    rows.push(...(await partRows(clinic)))
    for (const clients of [8, 16]) {
      const pair = await inTurn(
        rounds,
        () => throughput(clients, roundMilliseconds, door),
        () => throughput(clients, roundMilliseconds, floor),
      )
      rows.push(comparison(`open a chart through Prisma, ${clients} clients`, 'charts/s', pair))
    }
    return rows
  } finally {
    await client.$disconnect()
  }
}

type Open = (turn: number) => Promise<unknown>

/** A floor that reads something else would be no floor. */
async function assertSameCharts(clinic: BenchClinic, door: Open, floor: Open): Promise<void> {
  for (let turn = 0; turn < clinic.patients.length; turn += 1) {
    const opened = (await door(turn)) as { kind: string; value?: ChartView }
    const [left, right] = [opened.value, (await floor(turn)) as ChartView].map(gistOf)
    if (opened.kind !== 'granted' || left !== right) throw new Error('the two sides show different charts')
  }
}

/** Without the instant of reading, and without what stands in no order where times are equal. */
const gistOf = (chart: ChartView | undefined): string =>
  JSON.stringify([
    chart?.banner,
    chart?.lastVisit,
    chart?.toReviewCount,
    chart?.vitals,
    chart?.problems.length,
    chart?.medicines,
    chart?.allergies.map(({ reactions }) => reactions).toSorted(),
  ])

async function plainClient(connectionString: string): Promise<PrismaClient> {
  const file = path.join(await makePlainProduct(), 'lib', 'db', 'generated', 'client.ts')
  const generated = (await import(pathToFileURL(file).href)) as { PrismaClient: typeof PrismaClient }
  // As many connections as the door's pool has.
  return new generated.PrismaClient({ adapter: new PrismaPg({ connectionString, max: 16 }) })
}

/** Where the time of one client's chart goes. Beginning is sent with the admission, so it is measured by itself as well. */
async function partRows(clinic: BenchClinic): Promise<BenchRow[]> {
  const { Connection } = await import('#lib/db/connection.ts')
  const { pool } = await import('#lib/db/pools.ts')
  const { admit } = await import('#lib/phi/admit.ts')
  const { begin, rollBack, runUnit } = await import('#lib/phi/run-unit.ts')
  const { chartAccess } = await import('#lib/records/chart/open-chart.ts')
  const { readChart } = await import('#lib/records/chart/read-chart.ts')
  const { timedRecord } = await import('./chart-parts.ts')
  const times = { admit: [] as number[], begin: [] as number[], check: [] as number[], query: [] as number[], decrypt: [] as number[] } // prettier-ignore
  for (let turn = 0; turn < 300; turn += 1) {
    const patient = clinic.patients[turn % clinic.patients.length] ?? ''
    const connection = await Connection.borrow(pool('record'), 'bench.door')
    try {
      const asked = performance.now()
      const admission = await admit(connection, actorOf(clinic.nurse, turn), chartAccess(patient))
      const admitted = performance.now()
      if (admission.kind === 'denied') throw new Error(admission.reason)
      await admission.begun.done
      await rollBack(connection)
      const beginning = performance.now()
      const begun = begin(connection, admission.admitted)
      await begun.done
      const began = performance.now()
      const parts = { check: 0, decrypt: 0 }
      await runUnit(connection, admission.admitted, begun, () => readChart(timedRecord(parts), patient))
      times.admit.push(admitted - asked)
      times.begin.push(began - beginning)
      times.check.push(parts.check)
      times.query.push(performance.now() - began - parts.check - parts.decrypt)
      times.decrypt.push(parts.decrypt)
    } finally {
      connection.giveBack()
    }
  }
  const names = {
    admit: 'admit, row committed',
    begin: 'begin, role and request (sent with it)',
    check: 'check and complete the selects',
    query: 'compile and run the queries, make the view',
    decrypt: 'decrypt',
  }
  return (Object.keys(names) as (keyof typeof names)[]).map((part) => ({
    what: `  of which ${names[part]}`,
    unit: 'ms',
    ...summarize(times[part]),
  }))
}
