import pg from 'pg'
import { expect, it } from 'vitest'
import { WrongUsage } from '#lib/ops/cli/command.ts'
import { parseEnv } from '#lib/parse-env.ts'
import { makeTestDatabase } from '#lib/testing/test-database.ts'
import { run } from './db-bootstrap.ts'
import { migrateData, migrateKeystore } from './migrate-databases.ts'

const print = async (): Promise<{ database: string; keystore: string }> =>
  (await run({ words: [], options: { print: true }, env: parseEnv({}), say: () => undefined })).json as {
    database: string
    keystore: string
  }

it('what a DBA is given makes a bare database ready for vigil migrate', async () => {
  const { urls, close } = await makeTestDatabase()
  const scripts = await print()
  for (const [superuserUrl, ownerUrl, sql, migrate] of [
    [urls.superuser, urls.owner, scripts.database, migrateData],
    [urls.keystore_superuser, urls.keystore_owner, scripts.keystore, migrateKeystore],
  ] as const) {
    const name = `${new URL(superuserUrl).pathname.slice(1)}_dba`
    const at = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href
    const administrator = new pg.Client({ connectionString: superuserUrl })
    await administrator.connect()
    await administrator.query(`CREATE DATABASE ${name}`)
    const inside = new pg.Client({ connectionString: at(superuserUrl) })
    await inside.connect()
    await inside.query(sql)
    await inside.end()
    expect((await migrate(at(ownerUrl))).length).toBeGreaterThan(0)
    expect(await migrate(at(ownerUrl))).toEqual([])
    // After an upgrade it is run again, and changes nothing that is there.
    const again = new pg.Client({ connectionString: at(superuserUrl) })
    await again.connect()
    await again.query(sql)
    await again.end()
    expect(await migrate(at(ownerUrl))).toEqual([])
    await administrator.query(`DROP DATABASE ${name}`)
    await administrator.end()
  }
  await close()
})

it('what a DBA is given holds no password', async () => {
  const { database, keystore } = await print()
  expect(`${database}${keystore}`.replaceAll(/^\s*--.*$/gm, '')).not.toMatch(/PASSWORD/i)
})

it('is only printed', async () => {
  await expect(
    (async () => run({ words: [], options: {}, env: parseEnv({}), say: () => undefined }))(),
  ).rejects.toThrow(WrongUsage)
})
