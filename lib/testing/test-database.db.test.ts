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

  // What would be lost: a run that says PostgreSQL 15 over TLS, and was neither.
  it('is on the server that this run is about', async () => {
    const { urls } = await testDatabase()
    const onDebian = process.env['VIGIL_TEST_POSTGRES'] === 'debian15'
    for (const url of [urls.app, urls.keystore])
      expect(
        await ask(
          url,
          `SELECT current_setting('server_version_num')::int / 10000 AS version, ssl, current_setting('listen_addresses') AS addresses
           FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
        ),
      ).toEqual([
        onDebian
          ? { version: 15, ssl: true, addresses: '127.0.0.1' }
          : { version: 18, ssl: false, addresses: '' },
      ])
  })

  it.runIf(process.env['VIGIL_TEST_POSTGRES'] === 'debian15')(
    'is refused to a client that trusts another authority',
    async () => {
      const { urls } = await testDatabase()
      const url = new URL(urls.app)
      url.searchParams.delete('sslrootcert')
      await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/certificate/)
      url.searchParams.delete('sslmode')
      await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/no encryption|pg_hba/)
    },
  )

  it('is migrated', async () => {
    const { urls } = await testDatabase()
    expect(await ask(urls.owner, 'SELECT name FROM app.schema_migration')).not.toHaveLength(0)
  })
})
