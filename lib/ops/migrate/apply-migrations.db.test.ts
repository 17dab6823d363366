import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, makeTestDatabase } from '#lib/testing/test-database.ts'
import { type MigrationState, dataState } from './applied-migrations.ts'
import { applyMigrations } from './apply-migrations.ts'
import { dataMigrations } from './migrate-databases.ts'
import type { Migration } from './read-migrations.ts'

let database: TestDatabase
let superuser: pg.Client
let owner: pg.Client

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

beforeAll(async () => {
  database = await makeTestDatabase()
  superuser = await connect(database.urls.superuser)
  owner = await connect(database.urls.owner)
})
afterAll(async () => {
  await superuser.end()
  await owner.end()
  await database.close()
})

const state: MigrationState = { schema: 'app', owner: 'vigil_owner' }
let pretend: Migration[] = []
let number = 0

const migration = (sql: string): Migration => {
  number += 1
  const name = `2099010100${String(number).padStart(4, '0')}_try_something`
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex'), isBootstrap: false }
}

const apply = (migrations: Migration[], client = owner): Promise<string[]> =>
  applyMigrations(client, state, [...dataMigrations(), ...pretend, ...migrations], 'rest')

const found = async (sql: string): Promise<number> => (await superuser.query(sql)).rowCount ?? 0

beforeEach(async () => {
  await superuser.query(`DELETE FROM app.schema_migration WHERE name LIKE '2099%'`)
  pretend = []
})

describe('migrating', () => {
  it('applies what is pending once, and notes its checksum', async () => {
    const one = migration(
      'SET LOCAL ROLE app_owner; CREATE TABLE app.try_one (id int); CREATE TABLE app.try_two (id int)',
    )
    expect(await apply([one])).toEqual([one.name])
    expect(await apply([one])).toEqual([])
    expect(
      await found(
        `SELECT FROM app.schema_migration WHERE name = '${one.name}' AND checksum = '${one.checksum}'`,
      ),
    ).toBe(1)
    expect(await found(`SELECT FROM pg_class WHERE relname IN ('try_one', 'try_two')`)).toBe(2)
    await superuser.query('DROP TABLE app.try_one, app.try_two')
  })

  it('refuses edited history and touches nothing', async () => {
    const one = migration('SELECT 1')
    await apply([one])
    const edited = { ...one, checksum: 'e'.repeat(64) }
    const next = migration('SET LOCAL ROLE app_owner; CREATE TABLE app.never (id int)')
    await expect(apply([edited, next])).rejects.toThrow(`${one.name} was changed after it was applied`)
    expect(await found(`SELECT FROM pg_class WHERE relname = 'never'`)).toBe(0)
  })

  it('keeps nothing of a migration that fails, and says where it failed', async () => {
    const good = migration('SELECT 1')
    const bad = migration('SET LOCAL ROLE app_owner;\nCREATE TABLE app.half (id int);\nSELECT nonsense;')
    await expect(apply([good, bad])).rejects.toThrow(
      `The migration ${bad.name} failed at line 3: column "nonsense" does not exist. Nothing of it was kept.`,
    )
    expect(await found(`SELECT FROM pg_class WHERE relname = 'half'`)).toBe(0)
    expect(await found(`SELECT FROM app.schema_migration WHERE name = '${bad.name}'`)).toBe(0)
    expect(await found(`SELECT FROM app.schema_migration WHERE name = '${good.name}'`)).toBe(1)
  })

  it.each(['COMMIT', 'COMMIT; BEGIN', 'ROLLBACK; BEGIN; SELECT 1'])(
    'refuses a migration that says %s itself',
    async (sql) => {
      await expect(apply([migration(sql)])).rejects.toThrow(/ends its transaction itself|failed/)
      expect(await found(`SELECT FROM app.schema_migration WHERE name LIKE '2099%'`)).toBe(0)
    },
  )

  it('is done by one of several who start at once', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, () => connect(database.urls.owner)))
    const one = migration(
      'SET LOCAL ROLE app_owner; CREATE TABLE app.made_once (id int); SELECT pg_sleep(0.1)',
    )
    const results = await Promise.all(others.map((client) => apply([one], client)))
    expect(results.flat()).toEqual([one.name])
    await Promise.all(others.map((client) => client.end()))
    await superuser.query('DROP TABLE app.made_once')
  })

  it('cannot be done by the web login', async () => {
    const app = await connect(database.urls.app)
    await expect(apply([migration('SELECT 1')], app)).rejects.toThrow(/permission denied/)
    await app.end()
  })

  it('sends an unprepared database to its administrator', async () => {
    const name = `${new URL(database.urls.superuser).pathname.slice(1)}_bare`
    await superuser.query(`CREATE DATABASE ${name}`)
    const url = new URL(database.urls.superuser)
    url.pathname = `/${name}`
    const bare = await connect(url.href)
    await expect(applyMigrations(bare, dataState, dataMigrations(), 'rest')).rejects.toThrow(
      'vigil db bootstrap --print',
    )
    await bare.end()
    await superuser.query(`DROP DATABASE ${name}`)
  })
})
