import 'server-only'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { Refused } from '#lib/errors.ts'
import { requireHome } from '#lib/ops/databases/with-databases.ts'
import type { Env } from '#lib/parse-env.ts'

const demoAccount = z.object({
  email: z.string(),
  password: z.string(),
  role: z.string(),
  name: z.string(),
  /** base32, RFC 6238 with SHA-1, 6 digits, 30 s */
  totpSecret: z.string(),
  /** the reason this person exists */
  why: z.string(),
})

export type DemoAccount = z.infer<typeof demoAccount>

/** File with the demo's sign-ins, mode 0600, written when the demo clinic is loaded. */
export const demoAccountsFile = (home: string): string => path.join(home, 'demo-accounts.json')

/** @throws Refused unless the settings and the home are both the demo's */
export const requireDemo = (env: Env): void => {
  if (requireHome(env).kind !== 'demo' || env.environment !== 'demo')
    throw new Refused('The demo verbs work only in a home made by the demo: this one is for production.')
}

/** @throws Refused outside the demo, and before its accounts were made */
export const readDemoAccounts = (env: Env): DemoAccount[] => {
  requireDemo(env)
  let text: string
  try {
    text = readFileSync(demoAccountsFile(env.home), 'utf8')
  } catch {
    throw new Refused(`The demo clinic has not been loaded into ${env.home} yet: run "npm start" once.`)
  }
  return z.array(demoAccount).parse(JSON.parse(text))
}

/** The sign-ins as a table. */
export const demoAccountTable = (accounts: readonly DemoAccount[]): string => {
  const rows = accounts.map(({ name, role, email, password }) => [name, role, email, password])
  const all = [['Name', 'Role', 'E-mail', 'Password'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
}
