import { existsSync } from 'node:fs'

/**
 * The value of VIGIL_TEST_POSTGRES with which the database tests run on Debian's PostgreSQL 15 over TLS, where that is installed:
 * the product promises to run on a Postgres that it did not bring along.
 */
export function findSystemPostgres(): { name: string; value: string } | undefined {
  if (!existsSync('/usr/lib/postgresql/15/bin/initdb')) return undefined
  return { name: 'PostgreSQL 15 over TLS', value: 'debian15' }
}
