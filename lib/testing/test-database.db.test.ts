import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { testDatabase } from './test-database.ts'

const ask = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe('a test database', () => {
  it('lets in the logins of the product and nobody else, like the real one', async () => {
    const { urls } = await testDatabase()
    for (const [name, url] of Object.entries(urls).filter(([login]) => !login.startsWith('keystore')))
      expect(await ask(url, `SELECT current_user::text AS "user"`), name).toHaveLength(1)
    const outsiders = await ask(
      urls.superuser,
      `SELECT grantee FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = current_database() AND a.grantee = 0`,
    )
    expect(outsiders).toEqual([])
  })

  it('is migrated', async () => {
    const { urls } = await testDatabase()
    expect(await ask(urls.owner, 'SELECT name FROM app.schema_migration')).not.toHaveLength(0)
  })
})
