import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { replaceIndexKey, withIndexRoots } from '#lib/testing/replace-index-key.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { workUnderRotation } from '#lib/testing/work-under-rotation.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const kills = 8

let cast: RecordCast
beforeAll(async () => {
  cast = await makeRecordCast()
})
afterAll(() => cast.close())

/** Starts a replacement in a process of its own; resolves when it has said its first step, hence when it is at work. */
async function start() {
  const { urls, home } = await testDatabase()
  const how = ['--disable-warning=ExperimentalWarning', '--conditions=react-server', '--import', 'tsx']
  const child = spawn(process.execPath, [...how, `${root}/lib/testing/replace-index-key-process.ts`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', VIGIL_ENV: 'demo', VIGIL_HOME: home, DATABASE_URL: urls.app,
      DATABASE_WORKER_URL: urls.worker, KEYSTORE_URL: urls.keystore, KEYSTORE_OPERATOR_URL: urls.keystore_operator,
      SESSION_SECRET: 'demo-secret-of-the-database-tests-and-of-nothing-else',
    },
  }) // prettier-ignore
  const said = { out: '', err: '' }
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  await Promise.race([
    ended,
    new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => {
        said.out += chunk.toString()
        resolve()
      }),
    ),
  ])
  return { child, said, ended }
}

test(
  'attack 47: killed over and over in every step, it loses no write, fails no search, and ends with nothing on the former version',
  {
    timeout: 180_000,
  },
  async () => {
    const work = await workUnderRotation({ patients: 60, rowsPerPatient: 2, searcher: cast.actors.nurse })
    const stages = new Set<string>()
    let killed = 0
    while (killed < kills) {
      const { child, said, ended } = await start()
      const status = await Promise.race([ended, sleep(randomInt(100, 2500)).then(() => 'alive' as const)])
      if (status === 'alive') {
        child.kill('SIGKILL')
        await ended
        killed += 1
      } else expect(status, said.err).toBe(0)
      const live = (await withIndexRoots((roots) => roots.read())).filter(
        (each) => each.state !== 'destroyed',
      )
      stages.add(live.map((each) => each.state).join())
    }
    const report = await replaceIndexKey()
    const done = await work.stop()
    // Some were killed in the middle of a replacement.
    expect([...stages].filter((stage) => stage.includes(','))).not.toEqual([])
    expect(done).toMatchObject({ failedReads: [], failedWrites: [], staleReads: 0 })
    expect(done.writes).toBeGreaterThan(100)
    expect(done.searches).toBeGreaterThan(20)
    expect(await work.lostUpdates()).toBe(0)
    expect(report.onFormerVersion).toBe(0)
    const versions = await cast.raw<{ key_version: number }>(
      'SELECT DISTINCT key_version FROM phi.search_token',
    )
    expect(versions).toEqual([{ key_version: report.active }])
  },
)
