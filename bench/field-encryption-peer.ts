import { randomBytes, randomUUID } from 'node:crypto'
import { fieldEncryptionExtension } from 'prisma-field-encryption'
import { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'
import { indexKeys } from '#lib/crypto/index-keys.ts'
import { onConnection } from '#lib/db/unit-connection.ts'
import { prismaClient } from '#lib/db/prisma-client.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { withEncryption } from '#lib/phi/extension.ts'
import { asUnit, Unit } from '#lib/phi/unit.ts'
import type { BenchRow } from './bench-row.ts'
import { summarize } from './summarize.ts'
import { TableInMemory } from './table-in-memory.ts'

const rowCount = 100
const rounds = 61
const text = 'a result in 24 bytes ...'
const fields = [
  'codeSystem', 'code', 'display', 'value', 'unit', 'interpretation', 'referenceText', 'method', 'performer', 'note',
] as const // prettier-ignore
const select = Object.fromEntries(fields.map((field) => [field, true]))
const values = Object.fromEntries(fields.map((field) => [field, text]))
const read = { take: rowCount, select }

type Client = {
  observation: {
    create: (args: object) => Promise<unknown>
    findMany: (args: object) => Promise<Record<string, unknown>[]>
  }
}
/** One way of reading and writing the same page: a client, the rows it stored, and how it is run. */
type Way = { client: Client; run: <T>(work: () => Promise<T>) => Promise<T>; created: () => Promise<unknown> }

/**
 * The same findMany of 100 rows × 10 encrypted fields through this extension and through prisma-field-encryption 1.6.0, both
 * over one plain Prisma client on a table in memory; the floor is that client without either. Every row belongs to another
 * patient, so ours uses 100 keys and binds each cell to its place, where the peer has one key and no binding.
 * Processor time, interleaved rounds, medians; writing one row of ten fields beside it. The bar: faster than the peer.
 */
export async function comparePeer(): Promise<BenchRow[]> {
  const ways = { ours: makeOurs(), peer: makePeer(), plain: makePlain() }
  for (const way of Object.values(ways)) {
    for (let row = 0; row < rowCount; row += 1) await way.created()
    const [first] = await way.run(() => way.client.observation.findMany(read))
    if (way !== ways.plain && first?.['display'] !== text)
      throw new Error('a way of reading does not give back what was written')
  }
  const reading = await time(ways, (way) => way.run(() => way.client.observation.findMany(read)))
  const writing = await time(ways, (way) => way.created())
  return [
    ...describe(`read ${rowCount} rows × ${fields.length} fields through Prisma`, reading),
    ...describe(`create a row of ${fields.length} fields through Prisma`, writing),
  ]
}

function makePlain(): Way {
  const connection = new TableInMemory().asConnection()
  const client = prismaClient() as unknown as Client
  const runIt = <T>(work: () => Promise<T>) => onConnection(connection, work)
  return { client, run: runIt, created: () => runIt(() => client.observation.create(newRow(randomUUID()))) }
}

function makePeer(): Way {
  const connection = new TableInMemory().asConnection()
  // Prisma 7 keeps no comments at run time, so the annotations are handed over as a generator would read them.
  const described = ['id', 'patientId', 'kind', 'status', ...fields].map((name) => ({
    name,
    isList: false,
    isUnique: name === 'id',
    isId: name === 'id',
    type: 'String',
    ...((fields as readonly string[]).includes(name) ? { documentation: '@encrypted' } : {}),
  }))
  const extension = fieldEncryptionExtension({
    encryptionKey: `k1.aesgcm256.${randomBytes(32).toString('base64url')}=`,
    dmmf: { datamodel: { models: [{ name: 'Observation', fields: described }] } },
  })
  const client = prismaClient().$extends(extension) as unknown as Client
  const runIt = <T>(work: () => Promise<T>) => onConnection(connection, work)
  return { client, run: runIt, created: () => runIt(() => client.observation.create(newRow(randomUUID()))) }
}

function makeOurs(): Way {
  const patients = Array.from({ length: rowCount }, () => randomUUID())
  const unit = new Unit(new TableInMemory().asConnection(), {
    requestId: randomUUID(),
    databaseRole: 'phi_nurse',
    view: 'bench',
    action: 'UPDATE',
    patients,
    fields: { Observation: fields },
  })
  const keys = keysInMemory(patients)
  const client = withEncryption(prismaClient(), () => Promise.resolve(keys)) as unknown as Client
  const runIt = <T>(work: () => Promise<T>) => asUnit(unit, work)
  let next = 0
  const patient = () => patients[(next += 1) % rowCount] ?? ''
  return { client, run: runIt, created: () => runIt(() => client.observation.create(newRow(patient()))) }
}

const newRow = (patientId: string) => ({
  data: { id: randomUUID(), patientId, kind: 'laboratory', status: 'final', ...values },
  select: { id: true },
})

function keysInMemory(owners: readonly string[]): KeyStore {
  const made = new Map(
    owners.map((ownerId) => {
      const key = new DataKey({ ownerId, version: 1, state: 'active', key: SecretKey.random() })
      return [ownerId, { key, keys: new DataKeys(ownerId, [key]) }] as const
    }),
  )
  const index = indexKeys(1, new Map([[1, SecretKey.random()]]))
  const pick = <T>(wanted: Iterable<string>, of: (each: { key: DataKey; keys: DataKeys }) => T) =>
    new Map([...wanted].flatMap((owner) => {
      const each = made.get(owner)
      return each ? [[owner, of(each)] as const] : []
    })) // prettier-ignore
  const identity = SecretKey.random()
  type Used = 'dataKeysFor' | 'dataKeyForWriting' | 'dataKeysForWriting' | 'indexKeys' | 'identityKey'
  const store: Pick<KeyStore, Used> = {
    dataKeysFor: (wanted) => Promise.resolve(pick(wanted, ({ keys }) => keys)),
    dataKeysForWriting: (wanted) => Promise.resolve(pick(wanted, ({ key }) => key)),
    dataKeyForWriting: (owner) => {
      const each = made.get(owner)
      return each ? Promise.resolve(each.key) : Promise.reject(new Error('no such owner'))
    },
    indexKeys: () => Promise.resolve(index),
    identityKey: () => Promise.resolve(identity),
  }
  return store as KeyStore
}

type Times = Record<'ours' | 'peer' | 'plain', number[]>

async function time(ways: Record<keyof Times, Way>, work: (way: Way) => Promise<unknown>): Promise<Times> {
  const times: Times = { ours: [], peer: [], plain: [] }
  for (let round = -15; round < rounds; round += 1) {
    for (const name of ['plain', 'ours', 'peer'] as const) {
      const start = process.cpuUsage()
      // Writing adds rows: what is read was timed before.
      await work(ways[name])
      const { user, system } = process.cpuUsage(start)
      if (round >= 0) times[name].push((user + system) / 1000)
    }
  }
  return times
}

function describe(what: string, times: Times): BenchRow[] {
  const [ours, peer, plain] = [summarize(times.ours), summarize(times.peer), summarize(times.plain)]
  const ratio = ours.median / peer.median
  const floor = plain.median
  return [
    {
      what: `${what}, ours against prisma-field-encryption`,
      unit: 'ms CPU',
      ...ours,
      floor: peer.median,
      ratio,
      bar: '< 1',
      ok: ratio < 1,
    },
    {
      what: `${what}, ours against plain Prisma`,
      unit: 'ms CPU',
      ...ours,
      floor,
      ratio: ours.median / floor,
    },
    {
      what: `${what}, prisma-field-encryption against plain Prisma`,
      unit: 'ms CPU',
      ...peer,
      floor,
      ratio: peer.median / floor,
    },
  ]
}
