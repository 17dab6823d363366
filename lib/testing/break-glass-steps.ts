import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { fakeCiphertext, type Cast } from './door-cast.ts'

type Person = { token: string; accountId: string }
type Refusal = string | null

const digest = (text: string): Buffer => createHash('sha256').update(text).digest().subarray(0, 16)

/** The steps of an emergency access as the product's SQL functions take them, one call each, committed by itself. */
export type BreakGlassSteps = ReturnType<typeof breakGlassSteps>

/** For tests that speak SQL: texts are not really sealed, and tokens are made from them without a key. */
export function breakGlassSteps({ sql }: Cast) {
  const refusal = async (text: string, values: unknown[]): Promise<Refusal> =>
    (await sql.app.query<{ refusal: Refusal }>(`SELECT ${text} AS refusal`, values)).rows[0]?.refusal ?? null

  return {
    /** Gives a patient a record number that `find` finds them by. */
    async giveNumber(patient: string): Promise<Buffer> {
      const token = Buffer.concat([Buffer.from([1]), randomBytes(16)])
      await sql.superuser.query(
        `INSERT INTO phi.search_token (patient_id, column_id, key_version, token, row_id) VALUES ($1, 'patient.mrn', 1, $2, $1)`,
        [patient, token],
      )
      return token
    },

    async find(
      person: Person,
      token: Buffer,
      columns = ['patient.mrn'],
    ): Promise<{ admitted: string[]; denied_reason: string | null; database_role: string | null }> {
      const { rows } = await sql.app.query<{ admitted: string[]; denied_reason: string | null; database_role: string | null }>(
        `SELECT admitted, denied_reason, database_role FROM audit.search($1, $2, 'emergency-search', '{}', $3, $4, '10.0.0.7')`,
        [person.token, randomUUID(), columns, columns.map(() => token)],
      ) // prettier-ignore
      if (!rows[0]) throw new Error('the search gave no answer')
      return rows[0]
    },

    async request(
      person: Person,
      patient: string,
      words: string,
      { kind = 'PATIENT', code = 'EMERGENCY_TREATMENT', lease = randomUUID() as string } = {},
    ): Promise<{ lease: string; refusal: Refusal }> {
      const values = [person.token, lease, patient, kind, code, randomUUID(), fakeCiphertext(), [digest(words)]]
      return { lease, refusal: await refusal(`audit.break_glass_request($1, $2, $3, $4, $5, $6, $7, $8, '10.0.0.7')`, values) }
    }, // prettier-ignore

    /** A one-time code was shown just now, or so many seconds ago. */
    async prove(person: Person, secondsAgo = 0): Promise<void> {
      await sql.superuser.query(
        `UPDATE app.session SET second_factor_at = date_trunc('milliseconds', app.now()) - interval '1 millisecond' - make_interval(secs => $2)
          WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
        [person.token, secondsAgo],
      )
    },

    open: (person: Person, lease: string) =>
      refusal(`audit.break_glass_open($1, $2, 'America/Chicago', '10.0.0.7')`, [person.token, lease]),
    end: (person: Person, lease: string) =>
      refusal(`audit.break_glass_end($1, $2, '10.0.0.7')`, [person.token, lease]),
    review: (person: Person, lease: string, decision: string) =>
      refusal(`audit.break_glass_review($1, $2, $3, $4, $5, '10.0.0.7')`, [
        person.token, lease, decision, randomUUID(), fakeCiphertext(),
      ]), // prettier-ignore
    answer: (person: Person, lease: string) =>
      refusal(`audit.break_glass_answer($1, $2, $3, $4, 'America/Chicago', '10.0.0.7')`, [
        person.token, lease, randomUUID(), fakeCiphertext(),
      ]), // prettier-ignore

    async sweep(): Promise<void> {
      await sql.worker.query('SELECT audit.break_glass_sweep()')
    },

    /** Moves the demo's clock, and keeps every session alive while it jumps. */
    async advance(seconds: number): Promise<void> {
      await sql.superuser.query('INSERT INTO app.demo_clock (advanced_by_seconds) VALUES ($1)', [seconds])
      await sql.superuser.query(
        `UPDATE app.session SET last_active_at = app.now(), expires_at = app.now() + interval '1 day' WHERE ended_at IS NULL`,
      )
    },

    async row(lease: string): Promise<Record<string, unknown> | undefined> {
      return (
        await sql.superuser.query<Record<string, unknown>>('SELECT * FROM audit.break_glass WHERE id = $1', [
          lease,
        ])
      ).rows[0]
    },
  }
}
