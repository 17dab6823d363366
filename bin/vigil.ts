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
    'db rotate-credentials',
    '[--login NAME…] [--wait SECONDS] [--force] [--note NAME…]',
    'Give database logins new passwords, and the session a new secret, while people work',
    () => import('#lib/ops/credentials/rotate-credentials.ts'),
  ),
  entry(
    'keys status',
    '',
    'Show every version of every kind of key: its state, when it was made, and what still uses it',
    () => import('#lib/ops/keys/keys-status.ts'),
  ),
  entry(
    'keys rotate',
    '[--data [--patient ID] [--anew] [--retire] | --index] [--throttle PER_SECOND] [--destroy-old AGE]',
    'Renew the key-encryption key, with --data the data keys and all that is under them, or with --index the key of the search index, while people work',
    () => import('#lib/ops/keys/keys-rotate.ts'),
  ),
  entry(
    'keys rotate-root',
    '[--to PROVIDER] [--throttle KEYS]',
    'Renew what the key-encryption keys are kept under, or move them to another provider',
    () => import('#lib/ops/keys/keys-rotate-root.ts'),
  ),
  entry(
    'keys recovery-sheet',
    '[--out FILE]',
    'Print what restores the key ring if it is lost, for a safe',
    () => import('#lib/ops/keys/keys-recovery-sheet.ts'),
  ),
  entry(
    'keys restore-keyring',
    'FILE',
    'Put the key ring of a recovery sheet back in its place',
    () => import('#lib/ops/keys/keys-restore-keyring.ts'),
  ),
  entry(
    'keys verify',
    '[--patient ID]',
    'Hold every ciphertext against the trail: find one that was put back, altered or taken away',
    () => import('#lib/ops/keys/keys-verify.ts'),
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
    'people recover',
    'EMAIL',
    'Set up the sign-in of a member of staff anew, where no two other administrators can',
    () => import('#lib/ops/people/people-recover.ts'),
  ),
  entry(
    'people unlock',
    'EMAIL',
    'Let anybody with a login try again whom failed sign-ins shut out, patients too',
    () => import('#lib/ops/people/people-unlock.ts'),
  ),
  entry(
    'audit verify',
    '[--since last|LEAVES | --sample N]',
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
    'audit search',
    'WORD… --as EMAIL [--sort ELEMENT] [--direction ascending|descending] [--limit N] [--after CURSOR]',
    'Search the trail as a compliance officer: who:"Nadia Osei" -outcome:ALLOWED last:7d',
    () => import('#lib/ops/audit/audit-search.ts'),
  ),
  entry(
    'audit verify-bundle',
    'FILE [--key FILE]',
    'Check an evidence file, offline',
    () => import('#lib/ops/audit/audit-verify-bundle.ts'),
  ),
  entry(
    'audit export',
    '--format FORMAT --from TIME [--to TIME] [--patient ID…] [--actor ID] [--view VIEW] [--action ACTION] --reason TEXT --as EMAIL --out FILE',
    'Write entries of the trail to a file (ndjson, csv, pdf, fhir, evidence), in a compliance officer’s name',
    () => import('#lib/ops/audit/audit-export.ts'),
  ),
  entry(
    'audit restore-ack',
    '--reason TEXT',
    'State that the database was restored from a backup, and begin a new tree',
    () => import('#lib/ops/audit/audit-restore-ack.ts'),
  ),
  entry(
    'audit witness',
    '--dir DIR [--log KEY_FILE] [--listen ADDRESS] [--port N] [--tls-cert FILE --tls-key FILE] [--name NAME]',
    'Run a witness, outside the clinic’s server: it signs that it saw each checkpoint, and never two histories',
    () => import('#lib/ops/witness/audit-witness.ts'),
  ),
  entry(
    'keys shred',
    '--patient ID --reason TEXT --as EMAIL | --confirm REQUEST --as EMAIL | --cancel REQUEST --as EMAIL | --list [--all] | --resume | --unmark ID --as EMAIL --second EMAIL',
    'Destroy one patient’s record for good: one person asks, another confirms',
    () => import('#lib/ops/keys/keys-shred.ts'),
  ),
  entry(
    'retention hold',
    '--patient ID --reason TEXT [--as EMAIL]',
    'Keep a record from being destroyed',
    () => import('#lib/ops/retention/retention-hold.ts'),
  ),
  entry(
    'retention release',
    'HOLD --reason TEXT [--as EMAIL]',
    'End one reason to keep a record',
    () => import('#lib/ops/retention/retention-release.ts'),
  ),
  entry(
    'retention list',
    '[--all]',
    'List what has to be kept: since when, by whose word, and why',
    () => import('#lib/ops/retention/retention-list.ts'),
  ),
  entry(
    'retention status',
    '',
    'Show how long the audit trail is kept, which months may leave it, and which have left',
    () => import('#lib/ops/retention/retention-status.ts'),
  ),
  entry(
    'retention set',
    '--years N --as EMAIL | --confirm REQUEST --as EMAIL',
    'Keep the audit trail for another number of years: one person asks, another agrees',
    () => import('#lib/ops/retention/retention-set.ts'),
  ),
  entry(
    'retention archive',
    '--month YYYY-MM --as EMAIL | --confirm REQUEST --as EMAIL | --resume | --drop YYYY-MM',
    'Take the oldest month of the audit trail out of the database, into a file that proves itself',
    () => import('#lib/ops/retention/retention-archive.ts'),
  ),
  entry(
    'retention restore-archive',
    '--month YYYY-MM --as EMAIL | --month YYYY-MM --out FILE',
    'Put an archived month back into the database, or open its file for the verifier',
    () => import('#lib/ops/retention/retention-restore-archive.ts'),
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
    'demo mail',
    'EMAIL',
    'Print the letters that the demo would have sent to somebody',
    () => import('#lib/ops/demo/demo-mail.ts'),
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
if (process.connected) process.disconnect()
