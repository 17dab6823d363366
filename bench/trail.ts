import pg from 'pg'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import type { TrailFilter } from '#lib/oversight/trail/criteria.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { BenchRow } from './bench-row.ts'
import { withBenchClinic } from './clinic.ts'
import { openComplianceSession } from './compliance-session.ts'
import { inTurn } from './rounds.ts'
import { summarize } from './summarize.ts'
import { fillTrailYear, type TrailYear } from './trail-year.ts'

export const name = 'trail'

const rounds = 5
const questionsPerRound = 40
const barMilliseconds = 100

/**
 * Questions to a trail of ten million entries over twelve months: the answer as the page gets it (asked, noted and committed, one
 * page, the capped count, activity over time, references) against the bare statement that fetches the same fifty rows.
 */
export async function run(): Promise<BenchRow[]> {
  return withBenchClinic(async ({ env }) => {
    const superuserUrl = embeddedUrl(env.home, 'superuser')
    const year = await fillTrailYear(superuserUrl)
    const carla = await openComplianceSession(superuserUrl)
    const client = new pg.Client({ connectionString: superuserUrl })
    await client.connect()
    try {
      const rows: BenchRow[] = []
      for (const question of questionsOf(year)) rows.push(await measure(question, carla, client))
      return rows
    } finally {
      await client.end()
    }
  })
}

type Asked = { filter: TrailFilter; bare: string; values: unknown[] }
type Question = { what: string; ask: (turn: number) => Asked; isScan?: boolean }

const newest = 'ORDER BY l.accessed_at DESC, l.seq DESC LIMIT 51'

function questionsOf({ patients, actors, from, to }: TrailYear): Question[] {
  const of = (list: readonly string[], turn: number): string => list[turn % list.length] ?? ''
  const span = to.getTime() - from.getTime()
  const period = (turn: number, milliseconds: number): { from: string; to: string } => {
    const start = from.getTime() + ((span - milliseconds) * ((turn * 37) % 100)) / 100
    return { from: new Date(start).toISOString(), to: new Date(start + milliseconds).toISOString() }
  }
  const ask = (
    about: Partial<TrailFilter>,
    form: Record<string, string>,
    { from: begin, to: end }: { from: string; to: string },
    condition: string,
    values: unknown[],
  ): Asked => ({
    filter: { form, from: begin, to: end, patients: null, tooMany: false, ...about },
    bare: `SELECT * FROM audit.patient_phi_audit_log l WHERE l.accessed_at >= $1 AND l.accessed_at < $2 AND ${condition} ${newest}`,
    values: [begin, end, ...values],
  })
  const year = { from: from.toISOString(), to: to.toISOString() }
  const recent = { from: new Date(to.getTime() - 31 * 86_400_000).toISOString(), to: to.toISOString() }
  return [
    {
      what: 'who opened this record in this minute',
      ask: (turn) =>
        ask({ patients: [of(patients, turn)] }, {}, period(turn, 60_000), 'l.patient_id = $3', [
          of(patients, turn),
        ]),
    },
    {
      what: 'one patient, a year, first page',
      ask: (turn) =>
        ask({ patients: [of(patients, turn)] }, {}, year, 'l.patient_id = $3', [of(patients, turn)]),
    },
    {
      what: 'one person, a month, first page',
      ask: (turn) =>
        ask({}, { actor: of(actors, turn) }, period(turn, 30 * 86_400_000), 'l.actor_user_id = $3', [
          of(actors, turn),
        ]),
    },
    {
      what: 'newest refused attempts of the year',
      ask: () => ask({}, { outcome: 'DENIED' }, year, `l.outcome = $3`, ['DENIED']),
    },
    {
      what: 'unexplained in the last 31 days',
      isScan: true,
      ask: () => ask({}, { unexplained: 'yes' }, recent, 'true', []),
    },
  ]
}

async function measure(
  { what, ask, isScan = false }: Question,
  carla: Actor,
  client: pg.Client,
): Promise<BenchRow> {
  const { searchTrail } = await import('#lib/oversight/trail/search-trail.ts')
  const order = { sort: 'time', direction: 'descending' } as const
  let turn = 0
  // What no index finds is a matter of seconds: it is reported, from a few.
  const questions = isScan ? 5 : questionsPerRound
  const p95 = async (call: (asked: Asked) => Promise<unknown>): Promise<number> => {
    const times: number[] = []
    for (let n = 0; n < questions; n += 1) {
      const asked = ask(turn++)
      const start = performance.now()
      await call(asked)
      times.push(performance.now() - start)
    }
    return times.toSorted((left, right) => left - right)[Math.ceil(questions * 0.95) - 1] ?? 0
  }
  const answer = async ({ filter }: Asked): Promise<void> => {
    const page = await searchTrail(carla, filter, { scope: 'bench', order, after: null })
    if (!page) throw new Error('the trail was not answered')
  }
  const bare = ({ bare: text, values }: Asked) => client.query(text, values)
  await p95(answer)
  await p95(bare)
  const { figures, floors } = await inTurn(
    rounds,
    () => p95(answer),
    () => p95(bare),
  )
  const { median, spread } = summarize(figures)
  const floor = summarize(floors).median
  return {
    what: `${what}: p95 of ${questions}`,
    unit: 'ms',
    median,
    spread,
    floor,
    ratio: median / floor,
    ...(isScan ? {} : { bar: `≤ ${barMilliseconds} ms`, ok: median <= barMilliseconds }),
  }
}
