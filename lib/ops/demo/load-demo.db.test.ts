import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { DemoAccount } from './demo-home.ts'
import { loadDemo } from './load-demo.ts'

let records: RecordCast
beforeAll(async () => {
  records = await makeRecordCast()
  const start = performance.now()
  await loadDemo({ home: env.home })
  const seconds = (performance.now() - start) / 1000
  process.stdout.write(`demo clinic loaded in ${seconds.toFixed(1)} s\n`)
}, 600_000)
afterAll(() => records.close())

const one = async (text: string): Promise<number> =>
  Number((await records.raw<{ n: string }>(`SELECT ${text} AS n`))[0]?.n)

describe('loading the demo clinic', () => {
  test('leaves the sign-ins of the whole cast in a file that only the owner reads, and no bundle', () => {
    const file = path.join(env.home, 'demo-accounts.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const accounts = JSON.parse(readFileSync(file, 'utf8')) as DemoAccount[]
    expect(new Set(accounts.map((account) => account.role))).toEqual(
      new Set(['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin', 'compliance']),
    )
    expect(new Set(accounts.map((account) => account.password)).size).toBe(accounts.length)
    expect(
      accounts.every((account) => account.why.length > 20 && /^[A-Z2-7]{32}$/.test(account.totpSecret)),
    ).toBe(true)
    expect(readdirSync(env.home).filter((name) => name.startsWith('demo-bundles'))).toEqual([])
  })

  test('fills the record: patients, results of every kind of standing, notes of every class', async () => {
    expect(await one('(SELECT count(*) FROM phi.patient)')).toBeGreaterThanOrEqual(60)
    expect(
      await one(
        `(SELECT count(*) FROM phi.observation WHERE corrected_at IS NOT NULL AND previous_value IS NOT NULL)`,
      ),
    ).toBe(6)
    expect(await one(`(SELECT count(DISTINCT class) FROM phi.note)`)).toBe(4)
    expect(await one(`(SELECT count(DISTINCT status) FROM phi.note)`)).toBe(3)
    expect(await one(`(SELECT count(*) FROM phi.payment)`)).toBeGreaterThan(500)
    // Most results are old and were dealt with: how many are new depends on the day on which the demo is made.
    const laboratory = `SELECT count(*) FROM phi.observation WHERE kind = 'laboratory'`
    const waiting = await one(`(${laboratory} AND reviewed_at IS NULL)`)
    expect(waiting).toBeGreaterThan(20)
    expect(waiting).toBeLessThan((await one(`(${laboratory})`)) / 2)
  })

  test('nobody cares for exactly one patient of the clinic, and that one is in the record', async () => {
    const untreated = `SELECT count(*) FROM phi.patient p WHERE EXISTS (SELECT FROM phi.encounter e WHERE e.patient_id = p.id)
      AND NOT EXISTS (SELECT FROM phi.care_relationship r WHERE r.patient_id = p.id)`
    expect(await one(`(${untreated})`)).toBe(1)
  })
})
