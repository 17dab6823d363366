import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import type { BenchRow } from './bench-row.ts'
import { actorOf, withBenchClinic, type BenchClinic } from './clinic.ts'
import { startVerb } from './vigil-verb.ts'

export const name = 'rotation-kills'

const kills = 100
/** Slow enough that most are killed at work, and not before or after it. */
const verbs = {
  data: ['keys', 'rotate', '--data', '--throttle', '1500'],
  'key-encryption key': ['keys', 'rotate', '--throttle', '15'],
  index: ['keys', 'rotate', '--index', '--throttle', '15'],
} as const
type Verb = keyof typeof verbs

/**
 * A hundred SIGKILLs at random instants, spread over the rotations of data keys, of the key-encryption key and of the index,
 * while four people write and four read on the same rows; then each rotation is brought to its end. And the control.
 */
export function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => [...(await killAll(clinic)), await control(clinic)])
}

async function killAll(clinic: BenchClinic): Promise<BenchRow[]> {
  const { workUnderRotation } = await import('#lib/testing/work-under-rotation.ts')
  const work = await workUnderRotation({ patients: 24, rowsPerPatient: 12, searcher: actorOf(clinic.nurse) })
  const killed: Record<Verb, number> = { data: 0, 'key-encryption key': 0, index: 0 }
  const names = Object.keys(verbs) as Verb[]
  const spread = await spreadOver(clinic)
  let [total, inTheMiddle, early] = [0, 0, 0]
  const gaveUp: string[] = []
  while (total < kills) {
    const which = names[total % names.length] ?? 'data'
    // Every third rotation of data keys begins anew; the others go on where the last was killed.
    const anew = which === 'data' && killed.data % 3 === 0 ? ['--anew'] : []
    const verb = startVerb(clinic.env, [...verbs[which], ...anew])
    const instant = sleep(randomInt(1_000, 7_000)).then(() => undefined)
    const done = await Promise.race([verb.ended, instant])
    if (done) {
      // It ended before its instant came: that is no kill, so another takes its place. On a machine that is full it may also
      // give up, as anybody's verb would who has to wait too long for a server, and is called again.
      if (done.status !== 0) gaveUp.push(`${which}: ${done.err}${done.out}`.trim())
      early += 1
      if (early > kills) throw new Error('the rotations do not last long enough to be killed')
      continue
    }
    verb.child.kill('SIGKILL')
    await verb.ended
    killed[which] += 1
    total += 1
    if (await spread.isOverTwo(which)) inTheMiddle += 1
  }
  await spread.close()
  const left: Record<string, number> = {}
  for (const which of names) left[which] = await bringToItsEnd(clinic, which)
  const done = await work.stop()
  const lost = await work.lostUpdates()
  const exchanged = await cellsNotAsWritten()
  return [
    count(`SIGKILLs: ${names.map((which) => `${which} ${killed[which]}`).join(', ')}`, total, {
      atLeast: kills,
    }),
    count('… of them with something on the old and something on the new version', inTheMiddle, {
      atLeast: 10,
    }),
    count(
      `verbs that gave up by themselves, and were called again ${[...new Set(gaveUp)].join('; ')}`.trim(),
      gaveUp.length,
    ),
    count('confirmed writes', done.writes, { atLeast: 1 }),
    count('lost updates', lost, { exactly: 0 }),
    count('writes that failed', done.failedWrites.length, { exactly: 0 }),
    count('reads and searches', done.reads + done.searches, { atLeast: 1 }),
    count(`reads that failed ${done.failedReads.slice(0, 3).join('; ')}`.trim(), done.failedReads.length, {
      exactly: 0,
    }),
    count('reads that showed something older', done.staleReads, { exactly: 0 }),
    ...names.map((which) => count(`left on the old version: ${which}`, left[which] ?? -1, { exactly: 0 })),
    count('ciphertexts that are not the ones written last (vigil keys verify)', exchanged, { exactly: 0 }),
  ]
}

/** Whether cells, keys or tokens lie under two versions just now, which is how a rotation leaves them that was killed at work. */
async function spreadOver(clinic: BenchClinic) {
  const data = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, 'superuser') })
  const worker = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, 'worker') })
  const keystore = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, 'keystore_superuser') })
  // The servers stop with the benchmark, whichever of the two fails.
  for (const client of [data, worker, keystore]) client.on('error', () => undefined)
  await Promise.all([data.connect(), worker.connect(), keystore.connect()])
  const opened = await worker.query<{ token: string }>(
    `SELECT app.service_session_open('key-rotation') AS token`,
  )
  const token = opened.rows[0]?.token
  const ask = async (client: pg.Client, text: string, values: unknown[] = []): Promise<boolean> =>
    (await client.query<{ two: boolean }>(text, values)).rows[0]?.two === true
  const questions: Record<Verb, () => Promise<boolean>> = {
    data: () =>
      ask(
        worker,
        `SELECT count(*) > 0 AS two FROM (SELECT FROM phi.cell_versions($1) GROUP BY patient_id HAVING count(DISTINCT key_version) > 1) p`,
        [token],
      ),
    'key-encryption key': () =>
      ask(
        keystore,
        'SELECT count(DISTINCT kek_version) > 1 AS two FROM keys.data_key WHERE wrapped IS NOT NULL',
      ),
    index: () => ask(data, 'SELECT count(DISTINCT key_version) > 1 AS two FROM phi.search_token'),
  }
  return {
    isOverTwo: (which: Verb) => questions[which](),
    close: () => Promise.all([data.end(), worker.end(), keystore.end()]),
  }
}

/** Lets a rotation finish; what its own two counts found left. */
async function bringToItsEnd(clinic: BenchClinic, which: Verb): Promise<number> {
  const words = verbs[which].slice(0, which === 'key-encryption key' ? 2 : 3)
  let ended = await startVerb(clinic.env, [...words, '--json']).ended
  for (let again = 0; ended.status !== 0 && again < 3; again += 1)
    ended = await startVerb(clinic.env, [...words, '--json']).ended
  const { status, out, err } = ended
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${err}${out}`)
  const report = JSON.parse(out) as { onOldVersions?: number; left?: number[]; onFormerVersion?: number }
  return report.onOldVersions ?? report.onFormerVersion ?? Math.max(...(report.left ?? [-1]))
}

async function cellsNotAsWritten(): Promise<number> {
  const { verifyCells } = await import('#lib/phi/verify-cells/verify-cells.ts')
  return (await verifyCells(undefined)).findings.length
}

/** The same engine without comparing and swapping, and without the guards that would refuse what it does. */
async function control(clinic: BenchClinic): Promise<BenchRow> {
  const { lostWhileHeld } = await import('#lib/testing/lost-while-held.ts')
  const { rotationUnderTest } = await import('#lib/testing/rotate-for-test.ts')
  const superuser = new pg.Client({ connectionString: embeddedUrl(clinic.env.home, 'superuser') })
  await superuser.connect()
  const under = await rotationUnderTest()
  try {
    const lost = await lostWhileHeld(superuser, under, 'blindly')
    return count('control: lost updates of a rotation without comparing and swapping', lost, { atLeast: 1 })
  } finally {
    await under.close()
    await superuser.end()
  }
}

function count(what: string, found: number, bar?: { atLeast: number } | { exactly: number }): BenchRow {
  const row: BenchRow = { what, unit: '', median: found, spread: 0 }
  if (bar === undefined) return row
  return 'atLeast' in bar
    ? { ...row, bar: `≥ ${bar.atLeast}`, ok: found >= bar.atLeast }
    : { ...row, bar: `${bar.exactly}`, ok: found === bar.exactly }
}
