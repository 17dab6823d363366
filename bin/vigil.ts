import { type CommandEntry, runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { type Env, parseEnv } from '#lib/parse-env.ts'

// One line per verb. All work is in lib/ops; a module is loaded when its verb is called, after the settings are known.
const entry = (verb: string, usage: string, summary: string, load: CommandEntry['load']): CommandEntry => ({
  verb,
  usage,
  summary,
  load,
})

const commands = [
  entry(
    'doctor',
    '',
    'Check versions, roles, rights, gates, keys, clock, disk, and connections',
    () => import('#lib/ops/doctor/doctor.ts'),
  ),
  entry(
    'migrate',
    '',
    'Bring both databases up to date',
    () => import('#lib/ops/migrate/migrate-command.ts'),
  ),
  entry(
    'db url',
    'ROLE',
    'Print the address of an embedded database for a role (superuser, owner, app, …)',
    () => import('#lib/ops/databases/db-url.ts'),
  ),
  entry(
    'db bootstrap',
    '--print',
    'Print the SQL with which a DBA prepares a Postgres that is not ours',
    () => import('#lib/ops/migrate/db-bootstrap.ts'),
  ),
  entry(
    'import fhir',
    'PATH… [--team NAME] [--source NAME]',
    'Take FHIR R4 bundles, NDJSON and single resources into the record',
    () => import('#lib/ops/import-fhir/import-fhir.ts'),
  ),
  entry(
    'people invite',
    'EMAIL --name "FULL NAME" --role ROLE [--title TEXT] | EMAIL --again',
    'Make a login (nurse, clinician, billing, admin, compliance), and a code to accept it with',
    () => import('#lib/ops/people/people-invite.ts'),
  ),
  entry(
    'people list',
    '',
    'List the staff: role, standing, last sign-in, and who is shut out',
    () => import('#lib/ops/people/people-list.ts'),
  ),
  entry(
    'people deactivate',
    'EMAIL',
    'Shut a member of staff out, at once',
    () => import('#lib/ops/people/people-deactivate.ts'),
  ),
  entry(
    'people unlock',
    'EMAIL',
    'Let anybody with a login try again whom failed sign-ins shut out, patients too',
    () => import('#lib/ops/people/people-unlock.ts'),
  ),
  entry(
    'audit verify',
    '',
    'Prove that nothing in the audit trail was changed since it was sealed, or name what was',
    () => import('#lib/ops/audit/audit-verify.ts'),
  ),
  entry(
    'audit prove',
    'LOG_ID… [--out FILE]',
    'Make an evidence file of entries, which anybody can check without Vigil',
    () => import('#lib/ops/audit/audit-prove.ts'),
  ),
  entry(
    'audit verify-bundle',
    'FILE [--key FILE]',
    'Check an evidence file, offline',
    () => import('#lib/ops/audit/audit-verify-bundle.ts'),
  ),
  entry(
    'audit restore-ack',
    '--reason TEXT',
    'State that the database was restored from a backup, and begin a new tree',
    () => import('#lib/ops/audit/audit-restore-ack.ts'),
  ),
  entry(
    'demo accounts',
    '',
    'List the sign-ins of the demo clinic',
    () => import('#lib/ops/demo/demo-accounts.ts'),
  ),
  entry(
    'demo code',
    'EMAIL',
    'Print the current one-time code of a demo account',
    () => import('#lib/ops/demo/demo-code.ts'),
  ),
  entry(
    'demo clock advance',
    'TIME',
    "Move the demo's clock forward: 90s, 16m, 2h, 1d",
    () => import('#lib/ops/demo/demo-clock-advance.ts'),
  ),
]

/** Reads the settings, and lets the modules that a verb loads find the embedded databases of the home. */
const settings = (): Env => {
  const env = parseEnv(process.env)
  Object.assign(process.env, embeddedEnvironment(env, 'command'))
  return env
}

process.exitCode = await runCommandLine(commands, process.argv.slice(2), settings, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
process.disconnect?.()
