import 'server-only'

import { clinic } from '#lib/clinic.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { evenRun } from '#lib/watch/even-run.ts'
import type { AccessDay, ActorDay, ActorHistory, PastDay, RoleNorms, WatchedRole } from '#lib/watch/facts.ts'

type AccessRow = {
  actor_id: string; patient_id: string; role: WatchedRole; accesses: number; first_minute: number; last_minute: number
  is_desk_work: boolean; has_broken_glass: boolean; own_visit: number | null; team_visit: number | null; any_visit: number | null
  order_age: number | null; assignment_age: number | null; claim_age: number | null; explained_age: number | null
  is_release: boolean; surname_bits: number; is_same_household: boolean; is_colleague: boolean; is_same_team: boolean
  is_confidential: boolean; visit_age: number; is_closed: boolean
} // prettier-ignore
type ActorRow = {
  actor_id: string; role: WatchedRole; denied: number; exported: number; broken_glasses: number; idle_days: number | null
  is_after_end: boolean; network_switch_minutes: number | null; openings: number[]
  origins: { origin: string; patients: number; isNew: boolean }[]
} // prettier-ignore
type HistoryRow = { actor_id: string; day_number: number; patients: number; unexplained: number; first_minute: number; last_minute: number; drip: number } // prettier-ignore

/** A day as the pure part judges it, and the networks and devices of it, which are known from then on. */
export type DayFacts = {
  readonly accesses: readonly AccessDay[]
  readonly actors: readonly Omit<ActorDay, 'patients' | 'unexplained'>[]
  readonly origins: readonly { readonly actor: string; readonly origin: string }[]
  readonly histories: ReadonlyMap<string, ActorHistory>
  readonly norms: ReadonlyMap<string, RoleNorms>
}

/**
 * Reads what is known of a day, by functions that answer the job alone.
 * @param day `YYYY-MM-DD`, UTC
 * @param surnames keyed tokens of staff surnames, by account
 */
export async function readDay(
  token: string,
  day: string,
  surnames: Readonly<Record<string, string[]>>,
): Promise<DayFacts> {
  const ask = <Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> =>
    appQuery<Row>(text, [token, day, ...values], 'worker')
  const number = Date.parse(`${day}T00:00:00Z`) / 86_400_000
  const accesses = await ask<AccessRow>('SELECT * FROM audit.watch_accesses($1, $2, $3, $4)', clinic.timeZone, JSON.stringify(surnames)) // prettier-ignore
  const actors = await ask<ActorRow>('SELECT * FROM audit.watch_actor_days($1, $2)')
  const history = await ask<HistoryRow>('SELECT * FROM audit.watch_history($1, $2)')
  const norms = await ask<{ role: string; exported_p99: number; broken_glasses_p99: number }>('SELECT * FROM audit.watch_norms($1, $2)') // prettier-ignore
  return {
    accesses: accesses.map((row) => accessDay(row, number)),
    actors: actors.map((row) => actorDay(row, number)),
    origins: actors.flatMap(({ actor_id: actor, origins }) =>
      origins.map(({ origin }) => ({ actor, origin })),
    ),
    histories: new Map(
      [...Map.groupBy(history, ({ actor_id: actor }) => actor)].map(([actor, rows]) => [
        actor,
        { days: rows.map(pastDay), drip: rows.at(-1)?.drip ?? 0 },
      ]),
    ),
    norms: new Map(
      norms.map((row) => [
        row.role,
        { exportedP99: row.exported_p99, brokenGlassesP99: row.broken_glasses_p99 },
      ]),
    ),
  }
}

const accessDay = (row: AccessRow, day: number): AccessDay => ({
  actorId: row.actor_id,
  patientId: row.patient_id,
  day,
  role: row.role,
  accesses: row.accesses,
  firstMinute: row.first_minute,
  lastMinute: row.last_minute,
  isDeskWork: row.is_desk_work,
  hasBrokenGlass: row.has_broken_glass,
  care: {
    ownVisit: row.own_visit,
    teamVisit: row.team_visit,
    anyVisit: row.any_visit,
    orderAge: row.order_age,
    assignmentAge: row.assignment_age,
    claimAge: row.claim_age,
    explainedAge: row.explained_age,
    isRelease: row.is_release,
  },
  ties: {
    surnameBits: row.surname_bits,
    isSameHousehold: row.is_same_household,
    // addresses have no tokens that could be compared
    isSameStreet: false,
    isColleague: row.is_colleague,
    isSameTeam: row.is_same_team,
    isConfidential: row.is_confidential,
    visitAge: row.visit_age,
    isClosed: row.is_closed,
  },
})

const actorDay = (row: ActorRow, day: number): DayFacts['actors'][number] => ({
  actorId: row.actor_id,
  day,
  role: row.role,
  denied: row.denied,
  exported: row.exported,
  evenRun: evenRun(row.openings),
  newNetworkPatients: Math.max(
    0,
    ...row.origins.filter(({ isNew }) => isNew).map(({ patients }) => patients),
  ),
  networkSwitchMinutes: row.network_switch_minutes,
  brokenGlasses: row.broken_glasses,
  idleDays: row.idle_days,
  isAfterEnd: row.is_after_end,
})

const pastDay = (row: HistoryRow): PastDay => ({
  day: row.day_number,
  patients: row.patients,
  unexplained: row.unexplained,
  firstMinute: row.first_minute,
  lastMinute: row.last_minute,
})
