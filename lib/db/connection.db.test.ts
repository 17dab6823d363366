import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '#lib/testing/test-database.ts'
import { appQuery } from './app-database.ts'
import { CommitInDoubt, Connection } from './connection.ts'
import { endPools, pool } from './pools.ts'

afterAll(() => endPools())

const borrowed = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
  const connection = await Connection.borrow(pool('app'), 'test.connection')
  try {
    return await work(connection)
  } finally {
    connection.giveBack()
  }
}

// The web login may not write functions, so the server's warning comes from one that the superuser made for it.
beforeAll(async () => {
  const { urls } = await testDatabase()
  const superuser = new pg.Client({ connectionString: urls.superuser })
  await superuser.connect()
  await superuser.query(`
    CREATE SCHEMA planted;
    CREATE FUNCTION planted.warn(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '%', what; END $$;
    GRANT USAGE ON SCHEMA planted TO vigil_app;
    GRANT EXECUTE ON FUNCTION planted.warn TO vigil_app`)
  await superuser.end()
})

describe('a commit', () => {
  test('that the standby did not confirm counts as failed', async () => {
    // The very words of SyncRepWaitForLSN; a primary whose standby is gone says them when the wait is cancelled.
    const warning = 'canceling wait for synchronous replication due to user request'
    await borrowed((connection) =>
      expect(connection.commit({ text: 'SELECT planted.warn($1)', values: [warning] })).rejects.toThrow(
        CommitInDoubt,
      ),
    )
  })

  test('control: another warning does not', async () => {
    await borrowed((connection) =>
      expect(
        connection.commit({ text: 'SELECT planted.warn($1)', values: ['something else'] }),
      ).resolves.toBeDefined(),
    )
  })

  test('of a transaction that had failed is not taken for one that worked', async () => {
    await borrowed(async (connection) => {
      await connection.control('BEGIN')
      await expect(connection.query({ text: 'SELECT 1/0' })).rejects.toMatchObject({ code: '22012' })
      await expect(connection.commit({ text: 'COMMIT' })).rejects.toThrow(CommitInDoubt)
    })
  })
})

describe('a connection', () => {
  test('sends nothing after it was handed back', async () => {
    const kept = await borrowed((connection) => Promise.resolve(connection))
    await expect(kept.query({ text: 'SELECT 1' })).rejects.toThrow('handed back')
  })

  test('sends statements one after the other, however they were asked for', async () => {
    const order = await borrowed((connection) =>
      Promise.all(
        [3, 2, 1].map((tenths) =>
          connection
            .query<{ at: string }>({
              text: 'SELECT clock_timestamp()::text AS at FROM pg_sleep($1)',
              values: [tenths / 100],
            })
            .then(({ rows }) => rows[0]?.at ?? ''),
        ),
      ),
    )
    expect(order).toEqual([...order].sort())
  })

  test('of the web login reaches no record outside of a unit', async () => {
    await expect(appQuery('SELECT family_name FROM phi.patient')).rejects.toMatchObject({ code: '42501' })
  })
})
