import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '#lib/testing/test-database.ts'
import { openClient } from './open-client.ts'
import { openPool } from './open-pool.ts'

/* The password itself stays as it is here: other tests use the login. What changes is the file. */
let folder = ''
let file = ''
let address = ''
let right = ''

beforeAll(async () => {
  const { urls } = await testDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'vigil-pool-'))
  file = path.join(folder, 'password')
  right = decodeURIComponent(new URL(urls.app).password)
  address = `${urls.app.replace(/:[^:@/]*@/, '@')}&password_file=${encodeURIComponent(file)}`
})
beforeEach(() => writeFileSync(file, right))
afterAll(() => rmSync(folder, { recursive: true }))

const pidOf = async (pool: {
  query: (text: string) => Promise<{ rows: { pid: number }[] }>
}): Promise<number> => (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0

const until = async (done: () => boolean): Promise<void> => {
  for (let turn = 0; !done(); turn += 1) {
    if (turn > 200) throw new Error('it did not come')
    await sleep(50)
  }
}

describe('a connection whose password stands in a file', () => {
  test('tries both lines while the password is being changed, and says when neither is right', async () => {
    for (const text of [`${right}`, `wrong\n${right}`, `${right}\nwrong`]) {
      writeFileSync(file, text)
      const client = await openClient(address)
      expect((await client.query('SELECT session_user AS login')).rows).toEqual([{ login: 'vigil_app' }])
      await client.end()
      const pool = openPool(address, { max: 2 })
      expect(await pidOf(pool)).toBeGreaterThan(0)
      await pool.end()
    }
    writeFileSync(file, 'wrong\nwrong too')
    await expect(openClient(address)).rejects.toMatchObject({ code: '28P01' })
    const pool = openPool(address, { max: 2 })
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    await pool.end()
  })

  test('names the file that cannot be read, and not what is in it', async () => {
    writeFileSync(file, '')
    await expect(openClient(address)).rejects.toThrow(`The password file ${file} is empty`)
    await expect(openClient(address.replace('password', 'passw0rd'))).rejects.toThrow()
  })

  test('stays while its password is the one in the file', async () => {
    const pool = openPool(address, { max: 1 })
    const pid = await pidOf(pool)
    writeFileSync(file, `${right}\n`)
    await sleep(1200)
    expect(await pidOf(pool)).toBe(pid)
    await pool.end()
  })

  test('is closed when idle, once the file has changed, and renewed when asked for', async () => {
    const pool = openPool(address, { max: 4 })
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()])
    const pids = await Promise.all(clients.map(pidOf))
    for (const client of clients) client.release()
    // As the file is during a change: nothing is renewed yet.
    writeFileSync(file, `${right}\ncoming`)
    await sleep(1200)
    expect(pool.totalCount).toBe(3)
    writeFileSync(file, `${right}-another`)
    await until(() => pool.totalCount === 0)
    writeFileSync(file, right)
    expect(pids).not.toContain(await pidOf(pool))
    await pool.end()
  })

  test('is never taken from whoever works with it, and does not come back afterwards', async () => {
    const pool = openPool(address, { max: 1 })
    const client = await pool.connect()
    const pid = await pidOf(client)
    await client.query('BEGIN')
    writeFileSync(file, `wrong\n${right}`)
    await sleep(1200)
    writeFileSync(file, 'kept')
    await sleep(1200)
    expect(await pidOf(client)).toBe(pid)
    await client.query('COMMIT')
    client.release()
    // It is given back outdated; the next look at the file, or the next who asks, closes it.
    writeFileSync(file, 'kept, again')
    await until(() => pool.totalCount === 0)
    writeFileSync(file, right)
    expect(await pidOf(pool)).not.toBe(pid)
    await pool.end()
  })
})
