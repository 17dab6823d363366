import 'server-only'
import { randomUUID } from 'node:crypto'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { hashPassword } from '#lib/auth/password.ts'
import { newTotpSecret } from '#lib/auth/totp.ts'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { demoTeams, portalLogins, staff, type PortalLogin, type StaffMember } from '#prisma/seed/cast.ts'
import type { DemoAccount } from './demo-home.ts'
import { demoPassword } from './demo-passwords.ts'

export type DemoPeople = {
  accounts: DemoAccount[]
  /** Account by the key of the cast. */
  accountOf: ReadonlyMap<string, string>
  teamOf: ReadonlyMap<keyof typeof demoTeams, string>
}

/**
 * Makes a sign-in for everybody of the cast, with a password and a one-time-code secret of their own, and the teams.
 * @param practitionerOf the directory's entry of a member of staff, when there is one
 */
export async function makeDemoAccounts(
  actor: Actor,
  practitionerOf: (key: string) => string,
): Promise<DemoPeople> {
  const accounts: DemoAccount[] = []
  const accountOf = new Map<string, string>()
  const members: readonly StaffMember[] = staff
  for (const member of members) {
    const email = `${mailName(member.key)}@riverside.example`
    const practitionerId = member.specialty === undefined ? null : practitionerOf(member.key)
    const made = await createAccount(actor, { email, role: member.role, displayName: member.name, jobTitle: member.jobTitle, practitionerId }) // prettier-ignore
    accountOf.set(member.key, made.id)
    accounts.push({ ...made.signIn, role: member.role, name: member.name, why: member.why })
  }
  for (const login of portalLogins) {
    const email = `${mailName(emailKey(login))}@mail.example`
    const made = await createAccount(actor, {
      email,
      role: login.role,
      displayName: null,
      jobTitle: null,
      practitionerId: null,
    })
    accountOf.set(login.key, made.id)
    accounts.push({ ...made.signIn, role: login.role, name: login.name, why: login.why })
  }
  return { accounts, accountOf, teamOf: await makeTeams(members, accountOf) }
}

type NewAccount = {
  email: string
  role: string
  displayName: string | null
  jobTitle: string | null
  practitionerId: string | null
}

async function createAccount(actor: Actor, account: NewAccount) {
  const id = randomUUID()
  const password = demoPassword()
  const totpSecret = newTotpSecret()
  await appQuery(
    'SELECT app.account_create($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
    [
      actor.sessionToken,
      id,
      account.role,
      account.displayName,
      account.jobTitle,
      await sealAccountSecret('email', id, account.email),
      await emailTokens(account.email),
      await hashPassword(password),
      await sealAccountSecret('totp-secret', id, totpSecret),
      account.practitionerId,
    ],
    'worker',
  )
  return { id, signIn: { email: account.email, password, totpSecret } }
}

async function makeTeams(members: readonly StaffMember[], accountOf: ReadonlyMap<string, string>) {
  const teamOf = new Map<keyof typeof demoTeams, string>()
  for (const [key, name] of Object.entries(demoTeams) as [keyof typeof demoTeams, string][]) {
    const id = randomUUID()
    await appQuery('INSERT INTO app.care_team (id, name) VALUES ($1, $2)', [id, name], 'worker')
    teamOf.set(key, id)
    const accounts = members
      .filter((member) => member.team === key)
      .map((member) => accountOf.get(member.key))
    await appQuery(
      'INSERT INTO app.care_team_member (care_team_id, account_id) SELECT $1, unnest($2::uuid[])',
      [id, accounts],
      'worker',
    )
  }
  return teamOf
}

function mailName(key: string): string {
  return key.replaceAll('-', '.')
}

/** The nurse's private sign-in is to another address than the one at work, with the same name. */
function emailKey(login: PortalLogin): string {
  return login.key.replace(/-patient$/, '')
}
