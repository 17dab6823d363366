import 'server-only'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { demoAccountTable, readDemoAccounts } from './demo-home.ts'

/** `vigil demo accounts`: the cast of the demo clinic. */
export const run: CommandModule['run'] = ({ env }) => {
  const accounts = readDemoAccounts(env)
  const reasons = accounts.map(({ name, why }) => `  ${name}: ${why}`).join('\n')
  const text = `${demoAccountTable(accounts)}\n\n${reasons}\n\nOne-time codes: npm run vigil -- demo code EMAIL`
  return Promise.resolve({ ok: true, text, json: accounts })
}
