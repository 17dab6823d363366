import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Connection } from '#lib/db/connection.ts'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { plainDatabases } from './plain-databases.ts'
import { comparison, type Pair } from './rounds.ts'

export const name = 'create'

const [warmUp, turns] = [600, 600]
const text = 'a result in 24 bytes ...'
const fields = [
  'codeSystem', 'code', 'display', 'value', 'unit', 'interpretation', 'referenceText', 'method', 'performer', 'note',
] as const // prettier-ignore
const values = Object.fromEntries(fields.map((field) => [field, text]))
const newRow = (patientId: string) => ({
  data: { id: randomUUID(), patientId, kind: 'laboratory', status: 'final', ...values },
  select: { id: true },
})

/** The same with what the layer would send, made before: what is left is the price of longer values. */
const readyRow = (patientId: string) => {
  const { data, select } = newRow(patientId)
  return { data: { ...data, ...sealedValues, codeToken: new Uint8Array(17).fill(7) }, select }
}
const sealedValues = Object.fromEntries(
  fields.map((field) => [field, `phi1.00000001.${'x'.repeat(Math.ceil(((text.length + 29) * 4) / 3))}`]),
)

type Creating = { observation: { create: (args: object) => Promise<unknown> } }
type Create = (patientId: string) => Promise<unknown>

/**
 * What it costs to create a row of ten protected fields, layer by layer.
 *
 * The bar: the layer (checks, keys, ten cells sealed and bound, a token, ten digests for the trail, all on the statement that
 * Prisma sends) against plain Prisma as anybody sets it up, its own adapter on its own pool, writing the same values in the clear;
 * same server, login and indexes, and both committed when `create` returns.
 * The layer sends its statements over an adapter of ours, which is quicker than Prisma's. What it adds shows against plain Prisma over
 * that very connection: committed, then in a transaction that stays open, without the wait for the disk.
 * The door: the same create as a unit of work, admitted and committed with its two rows of the trail, against plain Prisma's create in a
 * committed transaction of its own that also writes one row of a log.
 */
export function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => {
    const sealed = embeddedUrl(clinic.env.home, 'superuser', plainDatabases.sealed)
    const client = new pg.Client({ connectionString: sealed })
    await client.connect()
    await client.query(`GRANT INSERT ON phi.observation TO vigil_app;
      -- Who it was is found out by the door's functions, which this login may not call here.
      ALTER TABLE phi.observation ALTER created_by SET DEFAULT gen_random_uuid(), ALTER updated_by SET DEFAULT gen_random_uuid()`)
    await client.end()
    return [...(await layerRows(clinic)), ...(await doorRows(clinic))]
  })
}

async function layerRows(clinic: BenchClinic): Promise<BenchRow[]> {
  const { Connection } = await import('#lib/db/connection.ts')
  const { prismaClient } = await import('#lib/db/prisma-client.ts')
  const { onConnection } = await import('#lib/db/unit-connection.ts')
  const { processKeyStore } = await import('#lib/keys/process-key-store.ts')
  const { withEncryption } = await import('#lib/phi/extension.ts')
  const { asUnit, Unit } = await import('#lib/phi/unit.ts')
  const pool = new pg.Pool({ connectionString: clinic.plain.sealed, max: 1, pipeline: true })
  const connection = await Connection.borrow(pool, 'bench.create')
  const plain = prismaClient() as unknown as Creating
  const layered = withEncryption(prismaClient(), processKeyStore) as unknown as Creating
  const standard = await standardPrisma(clinic.plain.sealed)
  const unit = new Unit(withoutEffects(connection), {
    requestId: randomUUID(),
    databaseRole: 'phi_nurse',
    view: 'bench',
    action: 'UPDATE',
    patients: clinic.patients,
    fields: { Observation: fields },
  })
  const sides = {
    figures: (patient: string) => asUnit(unit, () => layered.observation.create(newRow(patient))),
    floors: (patient: string) => onConnection(connection, () => plain.observation.create(newRow(patient))),
  }
  try {
    const what = `create a row of ${fields.length} fields, the layer`
    const bar = await measure(clinic, {
      figures: sides.figures,
      floors: (patient) => standard.client.observation.create(newRow(patient)),
    })
    const committed = await measure(clinic, sides)
    await connection.control('BEGIN')
    const open = await measure(clinic, sides)
    const ready = await measure(clinic, {
      figures: (patient) => onConnection(connection, () => plain.observation.create(readyRow(patient))),
      floors: sides.floors,
    })
    await connection.control('ROLLBACK')
    const [ms, cpu] = ['ms', 'ms CPU of Node']
    return [
      comparison(`${what} against plain Prisma, committed`, ms, bar.time, { atMost: 1.3 }),
      comparison(`${what} against plain Prisma, committed`, cpu, bar.cpu),
      comparison(`${what} against plain Prisma over the layer’s connection, committed`, ms, committed.time),
      comparison(`${what} against the same, in an open transaction`, ms, open.time),
      comparison(`${what} against the same, in an open transaction`, cpu, open.cpu),
      comparison('of that, ciphertexts and a token that lie ready against plain values', ms, ready.time),
      comparison('of that, ciphertexts and a token that lie ready against plain values', cpu, ready.cpu),
    ]
  } finally {
    connection.giveBack()
    await pool.end()
    await standard.end()
  }
}

/** Prisma as its documentation sets it up. */
async function standardPrisma(
  connectionString: string,
): Promise<{ client: Creating; end: () => Promise<void> }> {
  const { PrismaClient } = await import('#lib/db/generated/client.ts')
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 1 }) })
  return { client: client as unknown as Creating, end: () => client.$disconnect() }
}

/** The connection as it is, but for the trail's own statement, which is the door's: it is answered without being sent. */
function withoutEffects(connection: Connection): Connection {
  const query = (config: { text: string }) =>
    config.text.includes('audit.effect')
      ? Promise.resolve({ rows: [] })
      : connection.query(config as Parameters<Connection['query']>[0])
  return new Proxy(connection, {
    get: (target, key) => {
      const own: unknown = key === 'query' ? query : Reflect.get(target, key)
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    },
  })
}

async function doorRows(clinic: BenchClinic): Promise<BenchRow[]> {
  const { asService } = await import('#lib/phi/service-actor.ts')
  const { withRecord } = await import('#lib/phi/with-record.ts')
  const { Connection } = await import('#lib/db/connection.ts')
  const { prismaClient } = await import('#lib/db/prisma-client.ts')
  const { onConnection } = await import('#lib/db/unit-connection.ts')
  const pool = new pg.Pool({ connectionString: clinic.plain.sealed, max: 1, pipeline: true })
  const plain = prismaClient() as unknown as Creating
  const logged = `INSERT INTO audit.plain_row (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view,
    purpose, outcome, relation, client_ip) VALUES (gen_random_uuid(), 'service', 'phi_job_import', gen_random_uuid(), gen_random_uuid(), $1,
    'CREATE', 'import', 'OPERATIONS', 'ALLOWED', 'service', '127.0.0.1')`
  try {
    return await asService('import', async (actor) => {
      const pairs = await measure(clinic, {
        figures: async (patient) => {
          const access = { view: 'import', action: 'UPDATE', patients: [patient] } as const
          const outcome = await withRecord(actor, access, (record) =>
            (record as unknown as Creating).observation.create(newRow(patient)),
          )
          if (outcome.kind === 'denied') throw new Error(outcome.reason)
        },
        floors: async (patient) => {
          const connection = await Connection.borrow(pool, 'bench.create')
          await connection.control('BEGIN')
          await connection.query({ name: 'logged', text: logged, values: [patient] })
          await onConnection(connection, () => plain.observation.create(newRow(patient)))
          await connection.commit({ text: 'COMMIT' })
          connection.giveBack()
        },
      })
      return [
        comparison(
          'the same as a unit of work, admitted and committed, against plain Prisma with a row of a log, time',
          'ms',
          pairs.time,
        ),
      ]
    })
  } finally {
    await pool.end()
  }
}

/** Both sides in turn, each first every other time. Every patient's key is warm. */
async function measure(
  clinic: BenchClinic,
  sides: Record<keyof Pair, Create>,
): Promise<{ time: Pair; cpu: Pair }> {
  const time: Pair = { figures: [], floors: [] }
  const cpu: Pair = { figures: [], floors: [] }
  for (let turn = 0; turn < warmUp + turns; turn += 1) {
    const patient = clinic.patients[turn % clinic.patients.length] ?? ''
    const order = turn % 2 === 0 ? (['floors', 'figures'] as const) : (['figures', 'floors'] as const)
    for (const side of order) {
      const [start, used] = [performance.now(), process.cpuUsage()]
      await sides[side](patient)
      const elapsed = performance.now() - start
      const { user, system } = process.cpuUsage(used)
      if (turn < warmUp) continue
      time[side].push(elapsed)
      cpu[side].push((user + system) / 1000)
    }
  }
  return { time, cpu }
}
