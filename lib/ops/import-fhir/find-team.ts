import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'
import { Refused } from '#lib/errors.ts'

/**
 * The team that is to care for imported patients. Without a care relationship nobody could open their records.
 * @throws Refused naming the teams there are
 */
export async function findTeam(name: string): Promise<string> {
  const teams = await appQuery<{ id: string; name: string }>(
    'SELECT id, name FROM app.care_team ORDER BY name',
    [],
    'worker',
  )
  const found = teams.find((team) => team.name.toLowerCase() === name.trim().toLowerCase())
  if (found) return found.id
  const known = teams.map((team) => `"${team.name}"`).join(', ')
  throw new Refused(
    known
      ? `There is no care team of that name. The teams are: ${known}.`
      : 'There is no care team yet: make one first.',
  )
}

/** The id of a team by its exact name, or null. */
export async function teamIfPresent(name: string): Promise<string | null> {
  const [team] = await appQuery<{ id: string }>(
    'SELECT id FROM app.care_team WHERE name = $1',
    [name],
    'worker',
  )
  return team?.id ?? null
}
