import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { Sealer } from '#lib/audit/seal/sealer.ts'
import { attack, database, sealerClient, superuser, trailPerTest, write } from '#lib/testing/sealed-trail.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { anchorFile, openFileAnchor } from './file-anchor.ts'
import { readFullVerification } from './full-verification.ts'
import { makeMissingSealKey, readSealKey } from './seal-key.ts'
import { verifyWhenDue } from './verify-when-due.ts'

trailPerTest()

const noteFile = () => path.join(database.home, 'seal', 'verified')
const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 3_600_000).toISOString()

/** A sealed trail in which a row was edited, and a database that says everything was verified a minute ago. */
async function coveredUp(): Promise<void> {
  makeMissingSealKey(database.home, 'http://localhost:3000')
  await write(20)
  const anchor = openFileAnchor(anchorFile(database.home))
  await sealAll(new Sealer(sealerClient, (number) => readSealKey(database.home, number), anchor), superuser)
  await attack(
    `UPDATE audit.patient_phi_audit_log SET actor_role = 'clinician' WHERE seq = (SELECT min(seq) FROM audit.patient_phi_audit_log)`,
  )
  await attack(
    `INSERT INTO audit.verification (incarnation, mode, tree_size, ok, findings, started_at, cause)
     SELECT 1, 'full', max(tree_size), true, 0, clock_timestamp(), 'weekly' FROM audit.checkpoint`,
  )
}

/** Lets the process look until `isDone`. */
async function run(isDone: () => Promise<boolean>): Promise<void> {
  const stopping = new AbortController()
  const running = verifyWhenDue({
    url: database.urls.sealer,
    home: database.home,
    anchors: [openFileAnchor(anchorFile(database.home))],
    signal: stopping.signal,
    patience: 0,
  })
  try {
    for (let left = 600; !(await isDone()); left -= 1) {
      if (left === 0) throw new Error('nothing came of it within a minute')
      await sleep(100)
    }
  } finally {
    stopping.abort()
    await running
  }
}

const found = async (): Promise<boolean> =>
  ((await superuser.query('SELECT FROM audit.verification WHERE NOT ok')).rowCount ?? 0) > 0

test('everything is verified by the home’s own clock, though the database says that it was; control: not while the home knows of it', async () => {
  await coveredUp()
  writeFileSync(noteFile(), `${daysAgo(7)}\n`)
  // The process looks, and does what it is asked for: what is new, in which nothing is wrong.
  await attack(`INSERT INTO audit.verification_run (mode, cause) VALUES ('since', 'request')`)
  await run(async () => {
    const { rows } = await superuser.query<{ open: boolean }>(
      'SELECT bool_or(finished_at IS NULL) AS open FROM audit.verification_run',
    )
    return rows[0]?.open === false
  })
  expect(await found()).toBe(false)

  writeFileSync(noteFile(), `${daysAgo(9)}\n`)
  await run(found)
  expect(Date.now() - (readFullVerification(database.home)?.getTime() ?? 0)).toBeLessThan(60_000)
  rmSync(noteFile())
  expect(readFullVerification(database.home)).toBeNull()
})
