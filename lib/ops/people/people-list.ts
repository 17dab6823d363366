import 'server-only'
import { listPeople } from '#lib/accounts/people/list-people.ts'
import type { PersonView } from '#lib/accounts/people/view.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { asOperator } from './as-operator.ts'

/** As many as the database gives out at once. */
const most = 500

/** `vigil people list`: staff and how they stand. Patients and proxies are never in it. */
export const run: CommandModule['run'] = async ({ words, env }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const people = await asOperator(env, listPeople)
  return { ok: true, text: peopleTable(people), json: people }
}

function peopleTable(people: readonly PersonView[]): string {
  if (people.length === 0)
    return 'Nobody works here yet: "vigil people invite" makes the first administrator.'
  const head = ['Name', 'Role', 'E-mail', 'Status', 'Last sign-in', 'Blocked']
  const all = [head, ...people.map(cellsOf)]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...lines, ...(people.length < most ? [] : [`Only the first ${most} are shown.`])].join('\n')
}

function cellsOf({ name, roleName, email, status, lastSignInAt, signInBlocked }: PersonView): string[] {
  const lastSignIn = lastSignInAt === null ? 'never' : formatDateTimeForStaff(lastSignInAt)
  const until = signInBlocked?.until
  const blocked =
    signInBlocked === null ? '' : until ? `until ${formatDateTimeForStaff(until)}` : 'until unlocked'
  return [name, roleName, email, status, lastSignIn, blocked]
}
