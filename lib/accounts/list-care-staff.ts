import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

export type CareStaff = {
  teams: { id: string; name: string; isMine: boolean }[]
  people: { id: string; name: string; jobTitle: string | null; isMe: boolean }[]
}

/**
 * The teams and the nurses and clinicians who can care for a patient, for the forms that choose them. Staff directory,
 * no patient data.
 */
export async function listCareStaff(actor: Actor): Promise<CareStaff> {
  const [teams, people] = await Promise.all([
    appQuery<{ id: string; name: string; is_mine: boolean }>(
      `SELECT t.id, t.name, EXISTS (SELECT FROM app.care_team_member m
                WHERE m.care_team_id = t.id AND m.account_id = $1 AND m.starts_at <= app.now() AND (m.ends_at IS NULL OR m.ends_at > app.now())) AS is_mine
         FROM app.care_team t ORDER BY is_mine DESC, t.name LIMIT 200`,
      [actor.accountId],
    ),
    appQuery<{ id: string; name: string; job_title: string | null }>(
      `SELECT id, display_name AS name, job_title FROM app.account
        WHERE role IN ('nurse', 'clinician') AND status = 'active' AND display_name IS NOT NULL
        ORDER BY display_name LIMIT 500`,
    ),
  ])
  return {
    teams: teams.map((team) => ({ id: team.id, name: team.name, isMine: team.is_mine })),
    people: people.map((person) => ({
      id: person.id,
      name: person.name,
      jobTitle: person.job_title,
      isMe: person.id === actor.accountId,
    })),
  }
}
