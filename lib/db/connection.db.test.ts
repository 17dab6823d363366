import { afterAll, describe, expect, test } from 'vitest'
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

describe('a commit', () => {
  test('that the standby did not confirm counts as failed', async () => {
    // The very words of SyncRepWaitForLSN; a primary whose standby is gone says them when the wait is cancelled.
    const warning = 'canceling wait for synchronous replication due to user request'
    await borrowed((connection) =>
      expect(connection.commit({ text: `DO $$ BEGIN RAISE WARNING '${warning}'; END $$` })).rejects.toThrow(
        CommitInDoubt,
      ),
    )
  })

  test('control: another warning does not', async () => {
    await borrowed((connection) =>
      expect(
        connection.commit({ text: `DO $$ BEGIN RAISE WARNING 'something else'; END $$` }),
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
