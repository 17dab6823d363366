import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '#lib/policy/actor.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic, type BenchClinic } from './clinic.ts'
import { summarize } from './summarize.ts'
import { startVerb } from './vigil-verb.ts'

export const name = 'rotation'

const patientCount = 2_500
const rowsPerPatient = 50
const fieldNames = [
  'code',
  'display',
  'value',
  'unit',
  'interpretation',
  'referenceText',
  'method',
  'note',
] as const
const readerCount = 4
/** Readers look, think and look again: a machine that is full to begin with shows nothing. */
const thinkMilliseconds = 15
const windowSeconds = 5

/** A million cells under new keys, as the operator's verb does it, with four people reading the very same records. */
export function run(): Promise<BenchRow[]> {
  return withBenchClinic(async (clinic) => {
    const patients = await makeRecords()
    const polite = await measure(clinic, patients, [])
    const fast = await measure(clinic, patients, ['--throttle', '0'])
    return [
      { what: 'rotate --data as it comes, 4 readers', unit: 'cells/s', median: polite.rate, spread: 0 },
      ...ratioRow('readers’ p95 during it', polite, { atMost: 2 }),
      { what: 'rotate --data --throttle 0, 4 readers', unit: 'cells/s', median: fast.rate, spread: 0 },
      ...ratioRow('readers’ p95 during that', fast),
    ]
  })
}

type Measured = {
  readonly rate: number
  readonly before: number[]
  readonly during: number[]
}

function ratioRow(what: string, { before, during }: Measured, bar?: { atMost: number }): BenchRow[] {
  const { median, spread } = summarize(during)
  const floor = summarize(before).median
  const row = { what, unit: 'ms', median, spread, floor, ratio: median / floor }
  return [
    bar === undefined ? row : { ...row, bar: `≤ ${bar.atMost.toFixed(2)}`, ok: row.ratio <= bar.atMost },
  ]
}

async function measure(
  clinic: BenchClinic,
  patients: readonly string[],
  words: readonly string[],
): Promise<Measured> {
  const readers = await startReaders(patients)
  try {
    await sleep(windowSeconds * 2_000)
    readers.begin()
    await sleep(windowSeconds * 6_000)
    const { status, out, err } = await startVerb(clinic.env, ['keys', 'rotate', '--data', '--json', ...words])
      .ended
    if (status !== 0) throw new Error(`the rotation ended with ${status}: ${err}${out}`)
    const report = JSON.parse(out) as Report
    if (report.onOldVersions !== 0) throw new Error('cells are left on the old version')
    const [from, to] = [Date.parse(report.work.from), Date.parse(report.work.to)]
    const isDuring = ({ start, end }: Window) => start >= from && end <= to
    // The rest of the verb is waiting until nobody can hold a former key: as quiet as before. Both sides of the work count, so
    // that a neighbour who came meanwhile weighs on both.
    const isOutside = ({ start, end }: Window) => end <= from - 5_000 || start >= to
    return {
      rate: report.resealed / report.work.seconds,
      before: readers.windows.filter(isOutside).map(({ p95 }) => p95),
      during: readers.windows.filter(isDuring).map(({ p95 }) => p95),
    }
  } finally {
    await readers.stop()
  }
}

type Report = { resealed: number; onOldVersions: number; work: { from: string; to: string; seconds: number } }
type Window = { readonly start: number; readonly end: number; readonly p95: number }

type Readers = { readonly windows: Window[]; begin(): void; stop(): Promise<void> }

/** People who read all the time; the 95th percentile of each window of some seconds. */
async function startReaders(patients: readonly string[]): Promise<Readers> {
  const { asService } = await import('#lib/phi/service-actor.ts')
  let stopped = false
  let times: number[] = []
  let turn = 0
  let start = Date.now()
  const windows: Window[] = []
  const loops = Array.from({ length: readerCount }, () =>
    asService('import', async (actor) => {
      while (!stopped) {
        const from = performance.now()
        await readRecord(actor, patients[(turn++ * 37) % patients.length] ?? '')
        times.push(performance.now() - from)
        await sleep(thinkMilliseconds)
      }
    }),
  )
  const timer = setInterval(() => {
    const sorted = times.toSorted((a, b) => a - b)
    times = []
    const end = Date.now()
    const p95 = sorted[Math.floor(sorted.length * 0.95)]
    if (p95 !== undefined) windows.push({ start, end, p95 })
    start = end
  }, windowSeconds * 1000)
  return {
    windows,
    begin: () => {
      windows.length = 0
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await Promise.all(loops)
    },
  }
}

async function readRecord(actor: Actor, patient: string): Promise<void> {
  const { withRecord } = await import('#lib/phi/with-record.ts')
  const outcome = await withRecord(actor, { view: 'import', action: 'READ', patients: [patient] }, (record) =>
    record.observation.findMany({
      where: { patientId: patient },
      take: 20,
      select: { id: true, code: true, display: true, value: true, unit: true, method: true },
    }),
  )
  if (outcome.kind === 'denied' || outcome.value.length !== 20) throw new Error('a record was not read')
}

/** A million cells through the door, 50 patients a unit for the patients and one for their results. */
async function makeRecords(): Promise<string[]> {
  const { asService } = await import('#lib/phi/service-actor.ts')
  const { withRecord } = await import('#lib/phi/with-record.ts')
  const patients = Array.from({ length: patientCount }, () => randomUUID())
  await asService('import', async (actor) => {
    const granted = async (page: string[], work: Parameters<typeof withRecord<unknown>>[2]) => {
      const outcome = await withRecord(actor, { view: 'import', action: 'CREATE', patients: page }, work)
      if (outcome.kind === 'denied') throw new Error(`denied: ${outcome.reason}`)
    }
    const byPage = Array.from({ length: patientCount / 10 }, (_, at) => patients.slice(at * 10, at * 10 + 10))
    const lane = async () => {
      for (let page = byPage.shift(); page; page = byPage.shift()) {
        const own = page
        await granted(own, async (record) => {
          await record.patient.createMany({ data: own.map((id) => ({ id, familyName: 'Rotated' })) })
          await record.observation.createMany({ data: own.flatMap(rowsOf) })
        })
      }
    }
    await Promise.all([lane(), lane(), lane()])
  })
  return patients
}

function rowsOf(patientId: string) {
  return Array.from({ length: rowsPerPatient }, (_, row) => ({
    patientId,
    kind: 'laboratory',
    status: 'final',
    effectiveAt: new Date(Date.UTC(2026, 0, 1 + row)),
    ...Object.fromEntries(fieldNames.map((field) => [field, `${field} ${row} of a result`])),
    code: `${1000 + row}-4`,
    display: 'Glucose in blood',
  }))
}
