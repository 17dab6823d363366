import 'server-only'
import { rules } from '#lib/policy/rules.ts'
import { views } from '#lib/policy/views.ts'

/** The part of a pg client that loading needs: it runs inside the migration's transaction, as vigil_owner. */
export type PolicyClient = { query(text: string, values?: unknown[]): Promise<unknown> }

/**
 * Makes the policy tables that `audit.admit` decides by equal to `lib/policy`, in one transaction, and notes the load
 * as a security event. Run by `vigil migrate` after the migrations.
 *
 * @throws whatever the database throws; nothing is changed then.
 */
export async function loadPolicy(client: PolicyClient): Promise<void> {
  const viewRows = Object.entries(views).map(([view, { part, fields }]) => ({ view, part, fields }))
  const ruleRows = rules.map((rule) => ({
    role: rule.role,
    view: rule.view,
    action: rule.action,
    relations: rule.relations,
    database_role: rule.databaseRole,
    purposes: rule.purposes,
    step_up_seconds: rule.stepUpSeconds ?? null,
  }))
  await client.query('BEGIN')
  try {
    await client.query('SELECT audit.load_policy($1::jsonb, $2::jsonb)', [
      JSON.stringify(viewRows),
      JSON.stringify(ruleRows),
    ])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
