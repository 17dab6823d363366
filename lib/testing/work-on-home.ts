import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { parseEnv } from '#lib/parse-env.ts'
import type { RegisterInput } from '#lib/records/patients/input.ts'

/*
 * What people and jobs do all day, as a process of its own on a home that is held: eight clients that register patients,
 * read charts with cold keys, open sessions of jobs, and count the trail with the auditor's login. Says "working" when all have
 * begun; at SIGTERM it prints what was done and what failed, as JSON, and ends.
 */
Object.assign(process.env, embeddedEnvironment(parseEnv(process.env), 'command'))

const { initialiseKeyStore } = await import('#lib/keys/initialise-key-store.ts')
const { env } = await import('#lib/env.ts')
await initialiseKeyStore(env)
const { makeLogin } = await import('./make-login.ts')
const { registerPatient } = await import('#lib/records/patients/register-patient.ts')
const { openChart } = await import('#lib/records/chart/open-chart.ts')
const { processKeyStore, closeProcessKeyStore } = await import('#lib/keys/process-key-store.ts')
const { asService } = await import('#lib/phi/service-actor.ts')
const { appQuery } = await import('#lib/db/app-database.ts')
const { endPools } = await import('#lib/db/pools.ts')

const nurse = await makeLogin('nurse')
const patients: string[] = []
const done: Record<string, number> = {}
const failures: string[] = []
let stopping = false

const register = async (): Promise<boolean> => {
  const key = randomUUID()
  const outcome = await registerPatient(nurse.actor, {
    key, familyName: `Name${key.replaceAll('-', '').replaceAll(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)))}`, givenName: 'Test', preferredName: '', birthMonth: '4', birthDay: '2',
    birthYear: '1979', sex: 'female', pronouns: '', language: '', mrn: '', phone: '312 555 0142', email: '', addressLine: '1 Main Street',
    city: 'Chicago', state: '', postalCode: '', ssn: '', carer: `account:${nurse.accountId}`, reason: '', confirmed: [],
  } satisfies RegisterInput) // prettier-ignore
  if (outcome.kind === 'registered') patients.push(outcome.patientId)
  return outcome.kind === 'registered'
}
const read = async (): Promise<boolean> => {
  const patient = patients[Math.floor(Math.random() * patients.length)]
  if (patient === undefined) return register()
  ;(await processKeyStore()).dropCachedKeys(patient)
  const outcome = await openChart(nurse.actor, patient)
  return outcome.kind === 'granted' && outcome.value?.banner.displayName.startsWith('Test Name') === true
}
const operate = async (): Promise<boolean> => {
  const rows = await asService('people', (operator) =>
    appQuery('SELECT * FROM app.staff_sessions($1)', [operator.sessionToken], 'app').catch(() => []),
  )
  return Array.isArray(rows)
}
const audit = async (): Promise<boolean> =>
  (await appQuery('SELECT count(*) FROM audit.security_event_log', [], 'audit')).length === 1

const work = async (name: string, turn: () => Promise<boolean>, pauseMilliseconds: number): Promise<void> => {
  while (!stopping) {
    try {
      if (await turn()) done[name] = (done[name] ?? 0) + 1
      else failures.push(`${name}: not as it should be`)
    } catch (error) {
      const code = error instanceof Error && 'causeName' in error ? String(error.causeName) : ''
      failures.push(
        `${name}: ${error instanceof Error ? `${error.name} ${error.message} ${code}` : 'unknown'}`,
      )
    }
    await sleep(pauseMilliseconds)
  }
}

await register()
const clients = [
  work('register', register, 5),
  work('register', register, 50),
  work('read', read, 0),
  work('read', read, 0),
  work('read', read, 5),
  work('read', read, 20),
  work('operate', operate, 20),
  work('audit', audit, 20),
]
process.stdout.write('working\n')
process.once('SIGTERM', () => {
  stopping = true
})
await Promise.all(clients)
await endPools()
await closeProcessKeyStore()
process.stdout.write(
  `${JSON.stringify({ done, failures: failures.slice(0, 20), failed: failures.length })}\n`,
)
process.exit(0)
