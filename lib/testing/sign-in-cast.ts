import { randomUUID } from 'node:crypto'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { hashPassword } from '#lib/auth/password.ts'
import { newTotpSecret, totpCode } from '#lib/auth/totp.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import type { PersonRole } from '#lib/policy/roles.ts'
import { makeDoorCast, type Cast } from './door-cast.ts'

export const password = 'seven quiet otters'

/** Somebody who can sign in for real: with an address, a password and an authenticator app. */
export type Person = {
  accountId: string
  email: string
  totpSecret: string
  role: PersonRole
  /** the code of the present time step by the database's clock, or of one some steps away */
  code: (stepsAway?: number) => Promise<string>
}

export type SignInCast = Omit<Cast, 'close'> & {
  /** @param ways hasTotp false: the password is all that they have so far */
  addPerson: (role: PersonRole, ways?: { hasTotp?: boolean }) => Promise<Person>
  /** Moves the clock that sessions are measured by; forward only. */
  advanceClock: (seconds: number) => Promise<void>
  /** Moves it to the beginning of the next time step of one-time codes: then no step ends between making a code and using it. */
  nextStep: () => Promise<void>
  /** what stands in the security log about an account, oldest first */
  eventsOf: (accountId: string) => Promise<{ event: string; detail: Record<string, unknown> }[]>
  close: () => Promise<void>
}

/** The cast with a key store and people who sign in through lib/auth. */
export async function makeSignInCast(): Promise<SignInCast> {
  await initialiseKeyStore(env)
  const cast = await makeDoorCast()
  const passwordHash = await hashPassword(password)

  const addPerson: SignInCast['addPerson'] = async (role, { hasTotp = true } = {}) => {
    const accountId = randomUUID()
    const email = `${role}.${accountId.slice(0, 8)}@example.org`
    const totpSecret = newTotpSecret()
    // A new one each time: a job's session rests no longer than a person's when the clock is moved.
    const [opened] = await appQuery<{ token: string }>(
      "SELECT app.service_session_open('import') AS token",
      [],
      'worker',
    )
    await appQuery(
      'SELECT app.account_create($1, $2, $3, $4, NULL, $5, $6, $7, $8, NULL)',
      [
        opened?.token,
        accountId,
        role,
        role === 'patient' || role === 'proxy' ? null : `Some ${role}`,
        await sealAccountSecret('email', accountId, email),
        await emailTokens(email),
        passwordHash,
        hasTotp ? await sealAccountSecret('totp-secret', accountId, totpSecret) : null,
      ],
      'worker',
    )
    const code = async (stepsAway = 0): Promise<string> => {
      const [row] = await appQuery<{ now: Date }>('SELECT app.now() AS now')
      return totpCode(totpSecret, (row?.now.getTime() ?? 0) + stepsAway * 30_000)
    }
    return { accountId, email, totpSecret, role, code }
  }

  const advanceClock: SignInCast['advanceClock'] = async (seconds) => {
    await cast.sql.superuser.query('INSERT INTO app.demo_clock (advanced_by_seconds) VALUES ($1)', [seconds])
  }

  return {
    ...cast,
    addPerson,
    advanceClock,
    nextStep: async () => {
      const [row] = await appQuery<{ second: number }>(
        'SELECT floor(extract(epoch FROM app.now()))::int AS second',
      )
      await advanceClock(30 - ((row?.second ?? 0) % 30))
    },
    eventsOf: async (accountId) =>
      (
        await cast.sql.superuser.query<{ event: string; detail: Record<string, unknown> }>(
          'SELECT event_type AS event, detail FROM audit.security_event_log WHERE subject_account_id = $1 OR actor_user_id = $1 ORDER BY seq',
          [accountId],
        )
      ).rows,
    close: async () => {
      await endPools()
      await closeProcessKeyStore()
      await cast.close()
    },
  }
}

/** Cookies and headers of one browser, in place of Next's, which exist only while Next answers a request. */
export class FakeBrowser {
  readonly jar = new Map<string, string>()
  /** every cookie that an answer set or deleted, with its attributes */
  readonly set: { name: string; value: string; options: Record<string, unknown> }[] = []
  headers = new Headers({
    host: 'localhost:3000',
    'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Chrome/153.0',
  })

  /** What `vi.mock('next/headers')` gives in its place. */
  asNextHeaders() {
    return {
      headers: () => Promise.resolve(this.headers),
      cookies: () =>
        Promise.resolve({
          get: (name: string) => {
            const value = this.jar.get(name)
            return value === undefined ? undefined : { name, value }
          },
          getAll: () => [...this.jar].map(([name, value]) => ({ name, value })),
          has: (name: string) => this.jar.has(name),
          set: (name: string, value: string, options: Record<string, unknown> = {}) => {
            this.set.push({ name, value, options })
            if (value === '' || options['maxAge'] === 0) this.jar.delete(name)
            else this.jar.set(name, value)
          },
        }),
    }
  }

  /** A browser that knows nothing. */
  clear(): void {
    this.jar.clear()
    this.set.length = 0
  }
}
