import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Actor } from '#lib/policy/actor.ts'
import { listAccounts } from '#lib/records/billing/list-accounts.ts'
import { openAccount } from '#lib/records/billing/open-account.ts'
import { openChart } from '#lib/records/chart/open-chart.ts'
import { listChartResults } from '#lib/records/labs/list-chart-results.ts'
import { chooseRecord } from '#lib/records/my-record/choose-record.ts'
import { countWhoLooked } from '#lib/records/my-record/count-who-looked.ts'
import { listWhoLooked } from '#lib/records/my-record/list-who-looked.ts'
import { nameRecords } from '#lib/records/my-record/name-records.ts'
import { openHome } from '#lib/records/my-record/open-home.ts'
import { listNotes } from '#lib/records/notes/list-notes.ts'
import { listVitals } from '#lib/records/vitals/list-vitals.ts'
import { listMyPatients } from '#lib/records/worklist/list-my-patients.ts'
import { signInToPortal } from '#lib/testing/portal.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { shredRecord } from '#lib/testing/shred-record.ts'
import { whenDestroyed } from './when-destroyed.ts'

let records: RecordCast
let nurse: Actor
let gone: string
let kept: string
let owner: Actor
let proxyOfBoth: Actor
let proxyOfGone: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  // Patients of the plain SQL cast hold cells that do not open; billing's list reads everybody with a claim.
  for (const table of ['claim_line', 'claim']) {
    await records.raw(`ALTER TABLE phi.${table} DISABLE TRIGGER ALL`)
    await records.raw(`DELETE FROM phi.${table}`)
    await records.raw(`ALTER TABLE phi.${table} ENABLE TRIGGER ALL`)
  }
  nurse = records.actorOf(await records.cast.signIn('nurse', 'A Nurse'))
  gone = await records.addPatient({ familyName: 'Gone' }, nurse)
  kept = await records.addPatient({ familyName: 'Kept' }, nurse)
  await records.change([gone, kept], async (record) => {
    for (const patientId of [gone, kept])
      await record.claim.create({
        data: { patientId, status: 'active', submittedAt: new Date('2026-11-02T10:00:00Z'), total: 1 },
        select: { id: true },
      })
  })
  owner = await signInToPortal(records, 'patient', [gone])
  proxyOfBoth = await signInToPortal(records, 'proxy', [gone, kept])
  proxyOfGone = await signInToPortal(records, 'proxy', [gone])
})
afterAll(() => records.close())

const mine = async () => {
  const outcome = await listMyPatients(nurse)
  return outcome.kind === 'granted' ? outcome.value.rows.map(({ patient }) => patient.patientId) : outcome
}
const queue = async () => {
  const outcome = await listAccounts(records.actors.billing)
  return outcome.kind === 'granted' ? outcome.value.rows.map(({ patientId }) => patientId) : outcome
}

describe('a record that was destroyed', () => {
  test('is there before (control), and then every page of it is refused with the reason and the id for its page', async () => {
    const pages = [
      () => openChart(nurse, gone),
      () => listChartResults(nurse, gone, { waitingOnly: false }),
      () => listVitals(nurse, gone),
      () => listNotes(nurse, gone),
      () => openAccount(records.actors.billing, gone),
      () => openHome(owner, gone),
    ]
    for (const page of pages) expect(await page()).toMatchObject({ kind: 'granted' })
    expect((await queue()) as string[]).toEqual(expect.arrayContaining([gone, kept]))
    expect(((await mine()) as string[]).toSorted()).toEqual([gone, kept].toSorted())
    expect(await nameRecords(proxyOfBoth)).toHaveLength(2)
    expect(await whenDestroyed(nurse, gone)).toBeNull()

    await shredRecord(records, gone)

    for (const page of pages)
      expect(await page()).toEqual({ kind: 'denied', reason: 'record-destroyed', patientId: gone })
  })

  test('is skipped by the lists, which go on with everybody else', async () => {
    expect(await mine()).toEqual([kept])
    expect(await queue()).toEqual([kept])
  })

  test('says when to those whom it concerns, and to nobody else', async () => {
    for (const actor of [nurse, owner, proxyOfBoth, proxyOfGone, records.actors.billing])
      expect(Date.parse((await whenDestroyed(actor, gone)) ?? '')).not.toBeNaN()
    const stranger = await signInToPortal(records, 'patient', [kept])
    for (const actor of [stranger, records.actors.nurse, records.actors.admin, records.actors.compliance])
      expect(await whenDestroyed(actor, gone)).toBeNull()
    expect(await whenDestroyed(nurse, kept)).toBeNull()
    expect(await openChart(records.actors.nurse, gone)).toEqual({ kind: 'denied', reason: 'no-relation' })
  })

  test('still tells its patient who looked', async () => {
    const outcome = await listWhoLooked(owner, gone, { period: 'all', withOwn: false })
    if (outcome.kind !== 'granted' || !outcome.value) throw new Error('not granted')
    expect(outcome.value.whose).toBeNull()
    expect(outcome.value.count.people).toBeGreaterThanOrEqual(2)
    expect(await countWhoLooked(owner, gone)).toMatchObject({ kind: 'granted' })
  })

  test('is no longer among several to choose from, and alone leads to its page', async () => {
    expect(await chooseRecord(proxyOfBoth, null)).toMatchObject({
      kind: 'record',
      record: { patientId: kept },
    })
    expect((await nameRecords(proxyOfBoth)).map(({ patientId }) => patientId)).toEqual([kept])
    for (const actor of [owner, proxyOfGone])
      expect(await chooseRecord(actor, null)).toMatchObject({ kind: 'record', record: { patientId: gone } })
  })
})
