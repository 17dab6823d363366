import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'

type Session = { account_id: string; role: string; display_name: string | null; state: string }

/**
 * Runs a job as its service account, on the worker's login: the database opens the session, writes that down, and lets
 * nobody but the worker have one. The session ends with the job.
 * @param job name that the database knows, such as `import`
 * @throws AuditUnavailable when the session cannot be opened
 */
export async function asService<T>(job: string, work: (actor: Actor) => Promise<T>): Promise<T> {
  const actor = await openSession(job)
  try {
    return await work(actor)
  } finally {
    await appQuery('SELECT app.service_session_close($1)', [actor.sessionToken], 'worker')
  }
}

async function openSession(job: string): Promise<Actor> {
  const [opened] = await appQuery<{ token: string }>(
    'SELECT app.service_session_open($1) AS token',
    [job],
    'worker',
  )
  if (!opened) throw new AuditUnavailable('the service session was not opened')
  const [session] = await appQuery<Session>(
    'SELECT account_id, role, display_name, state FROM app.session_actor($1)',
    [opened.token],
    'worker',
  )
  if (session?.role !== 'service') throw new AuditUnavailable('the service session is not one of a job')
  return brandActor({
    accountId: session.account_id,
    role: 'service',
    displayName: session.display_name ?? job,
    sessionToken: opened.token,
    clientIp: null,
  })
}
