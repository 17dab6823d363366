import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { replaceIndexKey, withIndexRoots } from '#lib/testing/replace-index-key.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { workUnderRotation } from '#lib/testing/work-under-rotation.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** At which step, and how long after it began: each step at its very beginning, and at some instant after that. */
const instants = ['fill', 'former', 'remove'].flatMap((step) => [
  [step, 0] as const,
  [step, randomInt(1, 1000)] as const,
])

let cast: RecordCast
beforeAll(async () => {
  cast = await makeRecordCast()
})
afterAll(() => cast.close())

/** Starts a replacement in a process of its own that kills itself there; resolves with the signal that ended it. */
async function killedAt(step: string, milliseconds: number): Promise<NodeJS.Signals | null> {
  const { urls, home } = await testDatabase()
  const how = ['--disable-warning=ExperimentalWarning', '--conditions=react-server', '--import', 'tsx']
  const words = [`${root}/lib/testing/replace-index-key-process.ts`, step, String(milliseconds)]
  const child = spawn(process.execPath, [...how, ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', VIGIL_ENV: 'demo', VIGIL_HOME: home, DATABASE_URL: urls.app,
      DATABASE_WORKER_URL: urls.worker, KEYSTORE_URL: urls.keystore, KEYSTORE_OPERATOR_URL: urls.keystore_operator,
      SESSION_SECRET: 'demo-secret-of-the-database-tests-and-of-nothing-else',
    },
  }) // prettier-ignore
  return new Promise((resolve) => child.once('close', (_status, signal) => resolve(signal)))
}

test(
  'attack 47: killed over and over in every step, it loses no write, fails no search, and ends with nothing on the former version',
  {
    timeout: 300_000,
  },
  async () => {
    const work = await workUnderRotation({ patients: 60, rowsPerPatient: 2, searcher: cast.actors.nurse })
    const stages = new Set<string>()
    for (const [step, milliseconds] of instants) {
      expect(await killedAt(step, milliseconds), `${step} ${milliseconds}`).toBe('SIGKILL')
      const live = (await withIndexRoots((roots) => roots.read())).filter(
        (each) => each.state !== 'destroyed',
      )
      stages.add(live.map((each) => each.state).join())
    }
    const report = await replaceIndexKey()
    await work.until({ writes: 100, searches: 20 })
    const done = await work.stop()
    expect([...stages], 'all were killed in the middle of a replacement').toEqual(
      expect.arrayContaining(['active,pending', 'decrypt_only,active', 'disabled,active']),
    )
    expect(done).toMatchObject({ failedReads: [], failedWrites: [], staleReads: 0 })
    expect(await work.lostUpdates()).toBe(0)
    expect(report.onFormerVersion).toBe(0)
    const versions = await cast.raw<{ key_version: number }>(
      'SELECT DISTINCT key_version FROM phi.search_token',
    )
    expect(versions).toEqual([{ key_version: report.active }])
  },
)
