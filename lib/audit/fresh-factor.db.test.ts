import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeCiphertext, makeDoorCast, type Cast } from '#lib/testing/door-cast.ts'

// What asks for a second factor of the last five minutes, as the database's own functions say it. Pages ask too, for people's sake;
// what they forget is refused here. A new function of this kind makes a new line in the checked-in text, and has to refuse.

let cast: Cast
beforeAll(async () => {
  cast = await makeDoorCast()
  await cast.sql.app.query(`SELECT audit.incident_open($1, $2, 'OTHER', NULL, NULL, NULL, $3, $4, '10.0.0.7')`, [
    cast.people.compliance.token, incident, randomUUID(), fakeCiphertext(),
  ]) // prettier-ignore
})
afterAll(() => cast.close())

const roles = ['admin', 'compliance', 'nurse', 'billing', 'patient'] as const

/** Arguments of a thing that is there, for functions that look for it first. */
const incident = randomUUID()
const assessed = {
  nature: 'LOW',
  recipient: 'LOW',
  acquired: 'LOW',
  mitigated: 'LOW',
  outcome: 'LOW_PROBABILITY',
}
const real: Readonly<Record<string, unknown[]>> = {
  'audit.incident_write': [
    incident,
    'ASSESSMENT',
    JSON.stringify(assessed),
    randomUUID(),
    fakeCiphertext(),
    '10.0.0.7',
  ],
}

/** Whose refusal depends on more than arguments that were made up: what tries them with a stale factor. */
const shownElsewhere: Readonly<Record<string, { file: string; words: string }>> = {
  'app.session_end_other': { file: 'lib/auth/session-limits.db.test.ts', words: 'endOtherSession(maria.token' },
  'app.staff_recovery_open': { file: 'lib/accounts/recovery/recovery.db.test.ts', words: "toContain('STEP_UP_REFUSED')" },
  'audit.admit': { file: 'lib/records/billing/billing.db.test.ts', words: "reason: 'step-up-needed'" },
  'audit.break_glass_open': { file: 'lib/oversight/break-glass/break-glass.db.test.ts', words: "open(person, lease)).toBe('code-too-old')" },
  'audit.break_glass_review': { file: 'lib/oversight/break-glass/break-glass.db.test.ts', words: "'JUSTIFIED')).toBe('code-too-old')" },
  'audit.case_decide': { file: 'lib/ops/watch/watch-accesses.db.test.ts', words: 'code-too-old' },
  'audit.watch_mark_end': { file: 'lib/ops/watch/watch-accesses.db.test.ts', words: 'code-too-old' },
  'audit.watch_mark_set': { file: 'lib/ops/watch/watch-accesses.db.test.ts', words: 'code-too-old' },
} // prettier-ignore

type Fn = { name: string; names: string[]; types: string[] }

/** Every function that a login of the product may call and that looks at the age of the second factor, itself or by a helper. */
async function whatAsks(): Promise<Fn[]> {
  const { rows } = await cast.sql.superuser.query<Fn>(
    String.raw`
    WITH RECURSIVE fn AS (
      SELECT p.oid, format('%s.%s', n.nspname, p.proname) AS name, p.prosrc,
             has_function_privilege('vigil_app', p.oid, 'EXECUTE') OR has_function_privilege('vigil_worker', p.oid, 'EXECUTE') AS is_callable
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('app', 'audit', 'phi')),
    asking AS (
      SELECT oid, name, is_callable FROM fn
       WHERE name <> 'app.is_fresh' AND prosrc ~ '(app\.is_fresh\(|second_factor_at <=|step_up_seconds IS NOT NULL)'
      UNION
      SELECT f.oid, f.name, f.is_callable FROM fn f
        JOIN asking h ON NOT h.is_callable AND f.prosrc ~ (replace(h.name, '.', '\.') || '\(')
       WHERE h.name <> 'audit.export_refusal' OR f.prosrc ~ 'export_refusal\(v, true')
    SELECT DISTINCT a.name, p.proargnames::text[] AS names, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY u(t, i) ORDER BY i) AS types
      FROM asking a JOIN pg_proc p ON p.oid = a.oid WHERE a.is_callable ORDER BY 1`,
  )
  return rows
}

/** Something that the type takes. */
function madeUp(type: string, name: string): unknown {
  if (name.endsWith('_sealed')) return fakeCiphertext()
  if (type.endsWith('[]')) return [madeUp(type.slice(0, -2), name)]
  if (type.startsWith('timestamp')) return new Date(Date.now() + 86_400_000)
  const values: Record<string, unknown> = {
    uuid: randomUUID(), bytea: Buffer.alloc(32, 7), integer: 10, bigint: 10, smallint: 10, boolean: true, date: '2026-12-01', jsonb: '{}', inet: '10.0.0.7',
  } // prettier-ignore
  return values[type] ?? 'csv'
}

/** The answer, or the code of the error; whatever it did is taken back. */
async function answerOf({ name }: Fn, values: unknown[], minutesOld: number): Promise<string> {
  await cast.sql.superuser.query(
    'UPDATE app.session SET second_factor_at = app.now() - make_interval(mins => $1)',
    [minutesOld],
  )
  await cast.sql.app.query('BEGIN')
  try {
    const text = `SELECT ${name}(${values.map((_, at) => `$${at + 1}`).join(', ')}) AS it`
    const { rows } = await cast.sql.app.query<{ it: unknown }>(text, values)
    return rows[0]?.it == null ? 'nothing' : JSON.stringify(rows[0].it)
  } catch (cause) {
    return `error ${String((cause as { code?: string }).code)}`
  } finally {
    await cast.sql.app.query('ROLLBACK')
  }
}

/** Asks whether the factor is fresh, and refuses nothing. */
const reading = new Set(['app.fully_proved'])

/** How many entries of a refusal the call leaves with an old factor. It changes nothing, so it is not taken back. */
async function refusedEvents({ name }: Fn, values: unknown[], role: (typeof roles)[number]): Promise<number> {
  const count = async () =>
    (
      await cast.sql.superuser.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM audit.security_event_log WHERE outcome = 'REFUSED' AND actor_user_id = $1",
        [cast.people[role].accountId],
      )
    ).rows[0]?.n ?? 0
  await cast.sql.superuser.query("UPDATE app.session SET second_factor_at = app.now() - interval '6 minutes'")
  const before = await count()
  await cast.sql.app.query(`SELECT ${name}(${values.map((_, at) => `$${at + 1}`).join(', ')})`, values)
  return (await count()) - before
}

describe('a second factor that is older than five minutes', () => {
  test('is refused by every function that asks for a fresh one, and these are all of them', async () => {
    const lines: string[] = []
    const unproven: string[] = []
    const unnoted: string[] = []
    for (const fn of await whatAsks()) {
      const refusals = new Map<string, string[]>()
      for (const role of roles) {
        const rest = fn.types.slice(1).map((type, at) => madeUp(type, fn.names[at + 1] ?? ''))
        const values = [cast.people[role].token, ...(real[fn.name] ?? rest)]
        const [stale, fresh] = [await answerOf(fn, values, 6), await answerOf(fn, values, 0)]
        // The same call with a fresh factor comes further: so it was its age that stood in the way.
        if (stale === fresh) continue
        refusals.set(stale, [...(refusals.get(stale) ?? []), role])
        if (!reading.has(fn.name) && (await refusedEvents(fn, values, role)) !== 1)
          unnoted.push(`${fn.name} to ${role}`)
      }
      const elsewhere = shownElsewhere[fn.name]
      const found = [...refusals].map(([answer, who]) => `${answer} to ${who.join(', ')}`)
      if (found.length === 0 && elsewhere === undefined) unproven.push(fn.name)
      lines.push(`${fn.name}: ${found.join('; ') || (elsewhere ? `see ${elsewhere.file}` : 'NOT SHOWN')}`)
    }
    expect(unproven).toEqual([])
    // and each refusal is in the log, by the statement that refuses
    expect(unnoted).toEqual([])
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./fresh-factor.golden.txt')
  })

  test('is tried where it takes more than made-up arguments', () => {
    for (const { file, words } of Object.values(shownElsewhere))
      expect(readFileSync(file, 'utf8'), file).toContain(words)
  })
})
