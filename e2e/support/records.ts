import { rows } from './database.ts'
import { accountIdOf } from './people.ts'

/** Ids that the browser tests address pages with, found in the product's database. */
export type RecordIds = {
  /** Maria, whom Nadia's team cares for */
  patient: string
  result: string
  note: string
  /** somebody whom nobody cares for */
  stranger: string
  /** a nurse's account */
  account: string
  /** an entry of the trail, and its time */
  log: string
  logAt: string
  /** an open review of staff's access */
  review: string
  /** a case that the watching opened about a clinician and Maria's record */
  case: string
}

let found: Promise<RecordIds> | undefined

/** What the demo clinic holds for the tests. */
export async function recordIds(): Promise<RecordIds> {
  // the promise is kept, not what it gives: questions that are asked side by side must not find twice
  return (found ??= findIds())
}

async function findIds(): Promise<RecordIds> {
  const one = async (text: string, values: unknown[] = []): Promise<string> => {
    const [row] = await rows<Record<string, string>>(text, values)
    const value = row && Object.values(row)[0]
    if (value === undefined) throw new Error(`the demo clinic lacks what the tests need: ${text}`)
    return value
  }
  const patient = await one(
    `SELECT patient_id FROM phi.record_grant WHERE account_id = $1 AND kind = 'self'`,
    [await accountIdOf('maria')],
  )
  const log = await one(
    'SELECT log_id FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY accessed_at LIMIT 1',
    [patient],
  )
  return {
    patient,
    result: await one(
      `SELECT id FROM phi.observation WHERE patient_id = $1 AND kind = 'laboratory' AND reviewed_at IS NULL ORDER BY effective_at DESC LIMIT 1`,
      [patient],
    ),
    note: await one(
      `SELECT id FROM phi.note WHERE patient_id = $1 AND class = 'clinical' AND status IN ('signed', 'amended') ORDER BY authored_at DESC LIMIT 1`,
      [patient],
    ),
    stranger: await one(
      'SELECT p.id FROM phi.patient p WHERE NOT EXISTS (SELECT FROM phi.care_relationship r WHERE r.patient_id = p.id) LIMIT 1',
    ),
    account: await one(`SELECT id FROM app.account WHERE role = 'nurse' ORDER BY display_name LIMIT 1`),
    log,
    logAt: await one('SELECT accessed_at::text FROM audit.patient_phi_audit_log WHERE log_id = $1', [log]),
    case: await one(
      `INSERT INTO audit.watch_case AS k (actor_id, patient_id, day, score, findings, tags, rank)
       VALUES ($1, $2, '2026-01-05', 9.1, '[{"rule":"D5","weight":5,"numbers":{}},{"rule":"D8","weight":3,"numbers":{"minute":134,"from":480,"to":1025}},
         {"rule":"D1","weight":1,"numbers":{"accesses":3}}]', '{}', 1)
       ON CONFLICT (actor_id, patient_id, day) DO UPDATE SET rank = 1 RETURNING k.id`,
      [await accountIdOf('ines'), patient],
    ),
    review: await one(
      `SELECT coalesce((SELECT review_id FROM audit.access_review WHERE signed_at IS NULL AND closed_at IS NULL AND scope = 'standard'),
         audit.review_begin('standard', 60, NULL, NULL))`,
    ),
  }
}
