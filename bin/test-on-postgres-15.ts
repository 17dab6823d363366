import { spawnSync } from 'node:child_process'
import { findSystemPostgres } from './checks/find-system-postgres.ts'

/** Runs the database tests on Debian's PostgreSQL 15 over TLS with verify-full, or says why it does not. */
const found = findSystemPostgres()
if (found === undefined) {
  console.log(
    'Skipped: PostgreSQL 15 is not installed here (no /usr/lib/postgresql/15/bin/initdb). On Debian: apt-get install postgresql-15.',
  )
} else {
  const { status } = spawnSync('vitest', ['run', '--project', 'db', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, VIGIL_TEST_POSTGRES: found.value },
  })
  process.exitCode = status ?? 1
}
