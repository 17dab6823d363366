import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { makeDoorCast, type Cast } from '#lib/testing/door-cast.ts'
import { doors } from './doors.ts'
import { limitDoor } from './limit-door.ts'

// What would be lost if these failed: codes and links could be guessed as fast as the machine answers, or one person who
// guesses would shut out everybody else.

let cast: Cast
beforeAll(async () => {
  cast = await makeDoorCast()
})
afterAll(async () => {
  await endPools()
  await cast.close()
})

const knock = (ip: string | null, subject?: string) =>
  limitDoor('activation', { client: { ip }, ...(subject === undefined ? {} : { subject }) })
const kindsOf = async (work: Promise<{ kind: string }>[]): Promise<string[]> =>
  (await Promise.all(work)).map(({ kind }) => kind)
const passed = (kinds: string[]): number => kinds.filter((kind) => kind === 'go-on').length
/** Lets the waits end; the counts stay. */
const waitsEnd = () =>
  cast.sql.superuser.query("UPDATE app.rate_limit SET expire = 1 WHERE key LIKE '%/turn:%'")
const { address, network, subject } = doors.activation

describe('a door', () => {
  test('lets so many attempts of an address through, then one at a time with a wait that doubles', async () => {
    const burst = await kindsOf(Array.from({ length: address + 40 }, () => knock('192.0.2.1')))
    expect(passed(burst)).toBe(address + 1)
    // one after the other, so that each wait is known
    for (let turn = 0; turn < address + 1; turn += 1) await knock('192.0.2.3')
    const first = await knock('192.0.2.3')
    const waits = [first.kind === 'wait' ? first.seconds : 0]
    for (let turn = 0; turn < 3; turn += 1) {
      await waitsEnd()
      expect((await knock('192.0.2.3')).kind).toBe('go-on')
      const next = await knock('192.0.2.3')
      waits.push(next.kind === 'wait' ? next.seconds : 0)
    }
    expect(waits.map((seconds) => Math.round(seconds / 30))).toEqual([1, 2, 4, 8])
  })

  test('does not hold up the neighbours for one address, nor another door', async () => {
    expect((await knock('192.0.2.2')).kind).toBe('go-on')
    expect((await limitDoor('recovery', { client: { ip: '192.0.2.3' } })).kind).toBe('go-on')
  })

  test('remembers in the database, whichever process asks', async () => {
    await endPools()
    expect((await knock('192.0.2.3')).kind).toBe('wait')
  })

  test('counts a network that comes with an address for each attempt', async () => {
    const many = (prefix: (at: number) => string) =>
      kindsOf(Array.from({ length: network + 20 }, (_, at) => knock(prefix(at))))
    expect(passed(await many((at) => `198.51.100.${at + 1}`))).toBe(network + 1)
    expect((await knock('198.51.101.1')).kind).toBe('go-on')
    // a whole /64 is one address; a /48 one network
    expect(passed(await many((at) => `2001:db8:1:1::${(at + 1).toString(16)}`))).toBe(address + 1)
    expect(passed(await many((at) => `2001:db8:2:${(at + 1).toString(16)}::1`))).toBe(network + 1)
  })

  test('counts what is tried from everywhere', async () => {
    const kinds = await kindsOf(
      Array.from({ length: subject + 10 }, (_, at) => knock(`203.0.${at}.7`, 'one code')),
    )
    expect(passed(kinds)).toBe(subject + 1)
    expect((await knock('203.0.99.7', 'another code')).kind).toBe('go-on')
  })

  test('does not count those who belong there', async () => {
    for (let turn = 0; turn < address * 2; turn += 1) {
      const outcome = await knock('192.0.2.50')
      if (outcome.kind === 'go-on') await outcome.giveBack()
    }
    expect((await knock('192.0.2.50')).kind).toBe('go-on')
  })
})

test('neither an address nor a subject can be read from the table; the event says where it came from', async () => {
  const { rows } = await cast.sql.superuser.query<{ key: string }>('SELECT key FROM app.rate_limit')
  expect(rows.length).toBeGreaterThan(200)
  for (const { key } of rows)
    expect(key).toMatch(/^[a-z-]+\/(address|network|subject)\/(count|turn):[\w-]{43}$/)
  const events = await cast.sql.superuser.query(
    "SELECT detail, outcome FROM audit.security_event_log WHERE event_type = 'DOOR_LIMITED' AND host(client_ip) = '192.0.2.3' ORDER BY seq LIMIT 2",
  )
  expect(events.rows).toEqual([
    { detail: { door: 'activation', by: 'address', seconds: 30 }, outcome: 'REFUSED' },
    { detail: { door: 'activation', by: 'address', seconds: 60 }, outcome: 'REFUSED' },
  ])
})

test('the web login can forget nothing, and what is over is swept away', async () => {
  await expect(cast.sql.app.query('DELETE FROM app.rate_limit')).rejects.toThrow('permission denied')
  await waitsEnd()
  const [swept] = await appQuery<{ gone: number }>('SELECT app.rate_limit_sweep() AS gone', [], 'worker')
  expect(swept?.gone).toBeGreaterThan(3)
  const { rows } = await cast.sql.superuser.query("SELECT FROM app.rate_limit WHERE key LIKE '%/turn:%'")
  expect(rows).toEqual([])
})

test('nobody goes on when attempts cannot be counted', async () => {
  await cast.sql.superuser.query('ALTER TABLE app.rate_limit RENAME TO rate_limit_away')
  await expect(knock('192.0.2.77')).rejects.toBeInstanceOf(RecordUnavailable)
  await cast.sql.superuser.query('ALTER TABLE app.rate_limit_away RENAME TO rate_limit')
  expect((await knock('192.0.2.77')).kind).toBe('go-on')
})
