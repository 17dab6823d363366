import 'server-only'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { Refused } from '#lib/errors.ts'

export type Migration = {
  /** `<14 digits>_<verb_noun>`, the name of its folder */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text, in hex */
  readonly checksum: string
  /** makes roles or schemas, which takes more rights than `vigil_owner` has: run once by a superuser, before the rest */
  readonly isBootstrap: boolean
}

const readOne = (directory: string, name: string): Migration => {
  if (!/^[0-9]{14}_[a-z0-9]+(_[a-z0-9]+)*$/.test(name))
    throw new Refused(`${path.join(directory, name)} is not named like a migration: <14 digits>_<verb_noun>.`)
  // A checkout that turned line ends must not look like edited history.
  const sql = readFileSync(path.join(directory, name, 'migration.sql'), 'utf8').replaceAll('\r\n', '\n')
  return {
    name,
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    isBootstrap: /_create_roles(_and_schemas)?$/.test(name),
  }
}

/**
 * The migrations of a folder (Prisma's layout: `<name>/migration.sql`), in the order in which they apply.
 * @throws Refused when a name is not one, or the bootstrap is not the first
 */
export const readMigrations = (directory: string): Migration[] => {
  if (!existsSync(directory)) return []
  const migrations = readdirSync(directory, { withFileTypes: true })
    // A folder without a file is what git leaves of a migration that is only on another branch.
    .filter((entry) => entry.isDirectory() && existsSync(path.join(directory, entry.name, 'migration.sql')))
    .map((entry) => readOne(directory, entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (migrations.slice(1).some((migration) => migration.name.endsWith('_create_roles_and_schemas')))
    throw new Refused(
      `In ${directory} the migration that creates the roles is not the first: give it the earliest time.`,
    )
  return migrations
}
