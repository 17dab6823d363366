import 'server-only'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { type MigrationState, dataState, keystoreState, stateRow, stateTable } from './applied-migrations.ts'
import { dataMigrations, keystoreMigrations } from './migrate-databases.ts'
import type { Migration } from './read-migrations.ts'

const script = (title: string, state: MigrationState, migrations: readonly Migration[]): string => {
  const bootstrap = migrations.filter((migration) => migration.isBootstrap)
  return [
    `-- ${title}`,
    '-- Run it as a superuser, connected to that database: psql --set ON_ERROR_STOP=1 --single-transaction --file=…',
    '-- An upgrade may bring new roles: running it again adds what is missing and changes nothing else.',
    '-- Then give every login a password of its own (ALTER ROLE … PASSWORD …) and put the addresses into the settings.',
    '',
    ...bootstrap.map((migration) => migration.sql),
    stateTable(state),
    `ALTER TABLE ${state.schema}.schema_migration OWNER TO ${state.owner};`,
    ...bootstrap.map((migration) => stateRow(state, migration).replace(/;$/, ' ON CONFLICT DO NOTHING;')),
  ].join('\n')
}

export const options = { print: { type: 'boolean' } } as const satisfies CommandModule['options']

/** `vigil db bootstrap --print`: roles and schemas, for the administrator of a Postgres that is not ours. */
export const run: CommandModule['run'] = ({ options: given }) => {
  if (given['print'] !== true)
    throw new WrongUsage('Vigil runs this only on its own embedded databases: say --print to see it.')
  const database = script('Vigil, database of records', dataState, dataMigrations())
  const keystore = script(
    'Vigil, key store (a database on another server)',
    keystoreState,
    keystoreMigrations(),
  )
  return Promise.resolve({ ok: true, text: `${database}\n\n${keystore}`, json: { database, keystore } })
}
