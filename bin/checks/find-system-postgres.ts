import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const debianFolder = '/usr/lib/postgresql'

/**
 * Debian's PostgreSQL server where it is installed, newest first: the database tests run against it as well, over TLS, because
 * the product promises to run on a Postgres that it did not bring along.
 */
export function findSystemPostgres(): { name: string; folder: string } | undefined {
  if (!existsSync(debianFolder)) return undefined
  const versions = readdirSync(debianFolder)
    .map(Number)
    .filter((version) => version >= 15 && existsSync(join(debianFolder, String(version), 'bin', 'initdb')))
    .sort((left, right) => right - left)
  const version = versions[0]
  if (version === undefined) return undefined
  return { name: `PostgreSQL ${version} over TLS`, folder: join(debianFolder, String(version), 'bin') }
}
