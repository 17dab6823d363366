import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { extendHistory } from '#lib/watch/extend-history.ts'
import type { ActorHistory, RoleNorms } from '#lib/watch/facts.ts'
import { judgeDay, type JudgedDay } from '#lib/watch/judge-day.ts'
import { makeCases } from '#lib/watch/make-cases.ts'
import { rankCases } from '#lib/watch/rank-cases.ts'
import { readDay, type DayFacts } from './read-day.ts'

/** Cases a day that come before a person; the rest is kept and can be looked up. */
const casesADay = 5

const noHistory: ActorHistory = { days: [], drip: 0 }
const noNorms: RoleNorms = { exportedP99: 0, brokenGlassesP99: 0 }

type Plan = { token: string; day: string; isSettled: boolean; surnames: Readonly<Record<string, string[]>> }

/** Judges one day and keeps what was found, in place of what an earlier look at the same day had found. */
export async function watchDay({ token, day, isSettled, surnames }: Plan): Promise<void> {
  const facts = await readDay(token, day, surnames)
  const byActor = Map.groupBy(facts.accesses, ({ actorId }) => actorId)
  const judged = facts.actors.map((actor) =>
    judgeDay({
      accesses: byActor.get(actor.actorId) ?? [],
      day: actor,
      history: facts.histories.get(actor.actorId) ?? noHistory,
      norms: facts.norms.get(actor.role) ?? noNorms,
    }),
  )
  const cases = makeCases(judged.flatMap(({ observations }) => observations))
  const ranked = rankCases(cases, casesADay)
  await appQuery(
    'SELECT audit.watch_keep($1, $2, $3, $4, $5, $6, $7)',
    [
      token,
      day,
      isSettled,
      JSON.stringify(judged.flatMap(({ explained }) => explained.map(explanationRow))),
      JSON.stringify(judged.flatMap((each) => dayRow(each, facts))),
      JSON.stringify(facts.origins),
      JSON.stringify(
        cases.map((each) => ({
          actor: each.actorId,
          patient: each.patientId,
          score: each.score,
          findings: each.findings,
          tags: each.tags,
          rank: ranked.includes(each) ? ranked.indexOf(each) + 1 : null,
        })),
      ),
    ],
    'worker',
  )
}

const explanationRow = ({ access, explained }: JudgedDay['explained'][number]) => ({
  actor: access.actorId,
  patient: access.patientId,
  tags: explained.tags,
  is_explained: explained.isExplained,
})

/** A day on which somebody was refused and opened nothing is no day at work. */
function dayRow({ day, explained }: JudgedDay, facts: DayFacts): object[] {
  if (explained.length === 0) return []
  const hours = {
    firstMinute: Math.min(...explained.map(({ access }) => access.firstMinute)),
    lastMinute: Math.max(...explained.map(({ access }) => access.lastMinute)),
  }
  return [
    {
      actor: day.actorId,
      role: day.role,
      patients: day.patients,
      unexplained: day.unexplained,
      exported: day.exported,
      broken_glasses: day.brokenGlasses,
      first_minute: hours.firstMinute,
      last_minute: hours.lastMinute,
      drip: extendHistory(facts.histories.get(day.actorId) ?? noHistory, day, hours).drip,
    },
  ]
}
