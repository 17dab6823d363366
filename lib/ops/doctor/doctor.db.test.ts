import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clockAhead, replaceClock } from '#lib/clock.ts'
import { dataState } from '#lib/ops/migrate/applied-migrations.ts'
import { dataMigrations } from '#lib/ops/migrate/migrate-databases.ts'
import { parseEnv } from '#lib/parse-env.ts'
import { type TestDatabase, makeTestDatabase } from '#lib/testing/test-database.ts'
import { checkGates } from './check-gates.ts'
import { checkMachine } from './check-machine.ts'
import { checkMigrations } from './check-migrations.ts'
import { checkRoles } from './check-roles.ts'
import { checkServer } from './check-server.ts'
import { run } from './doctor.ts'
import type { Check } from './finding.ts'

let database: TestDatabase
let superuser: pg.Client

beforeAll(async () => {
  database = await makeTestDatabase()
  superuser = new pg.Client({ connectionString: database.urls.superuser })
  await superuser.connect()
})
afterAll(async () => {
  await superuser.end()
  await database.close()
})

const findings = (checks: readonly Check[]): string[] =>
  checks.filter(({ ok }) => !ok).map(({ name }) => name)

/** What is found while a hole is there; nothing of it stays, since changes of roles and rights can be rolled back. */
const withHole = async (hole: string): Promise<Check[]> => {
  await superuser.query('BEGIN')
  try {
    await superuser.query(hole)
    const checks = [...(await checkRoles(superuser)), ...(await checkGates(superuser))]
    return checks.filter(({ ok }) => !ok)
  } finally {
    await superuser.query('ROLLBACK')
  }
}

const holes: readonly [name: string, hole: string, found: string][] = [
  ['a web login past row security', 'ALTER ROLE vigil_app BYPASSRLS', 'roles: attributes'],
  ['a superuser among the logins', 'ALTER ROLE vigil_worker SUPERUSER', 'roles: attributes'],
  ['a clinician role past row security', 'ALTER ROLE phi_clinician BYPASSRLS', 'roles: attributes'],
  ['an owner that can log in', 'ALTER ROLE phi_owner LOGIN', 'roles: no log-in for owners and gates'],
  ['a table of the web login', 'ALTER TABLE app.demo_clock OWNER TO vigil_app', 'logins: own nothing'],
  ['a web login that may become the owner', 'GRANT phi_owner TO vigil_app', 'logins: assume no owner'],
  [
    'a right of the bare login on a record',
    'GRANT SELECT ON phi.patient TO vigil_app',
    'logins: inherit no right on records',
  ],
  [
    'a right on one column',
    'GRANT SELECT (id) ON phi.note TO vigil_worker',
    'logins: inherit no right on records',
  ],
  [
    'temporary tables for everybody',
    `DO $$ BEGIN EXECUTE format('GRANT TEMP ON DATABASE %I TO PUBLIC', current_database()); END $$`,
    'rights: nothing to create in',
  ],
  ['a schema to write to', 'GRANT CREATE ON SCHEMA public TO phi_nurse', 'rights: nothing to create in'],
  [
    'a log that can be edited',
    'GRANT UPDATE ON audit.patient_phi_audit_log TO vigil_app',
    'logs: append-only',
  ],
  [
    'a log that can be emptied',
    'GRANT TRUNCATE ON audit.security_event_log TO audit_gate',
    'logs: append-only',
  ],
  [
    'a table without forced row security',
    'ALTER TABLE phi.observation NO FORCE ROW LEVEL SECURITY',
    'records: row security forced',
  ],
  [
    'a new table that nobody thought of',
    'CREATE TABLE phi.forgotten (id int)',
    'records: row security forced',
  ],
  [
    'a table without a gate',
    'DROP POLICY gate_select_phi_nurse ON phi.observation',
    'records: gate on every table',
  ],
  [
    'a policy that lets all through',
    'CREATE POLICY easy ON phi.note FOR SELECT USING (true)',
    'records: no open policy',
  ],
  [
    'a gate function without a search_path',
    'ALTER FUNCTION audit.admitted(text) RESET search_path',
    'gates: fixed search_path',
  ],
  ['a gate function of a login', 'ALTER FUNCTION audit.admitted(text) OWNER TO vigil_app', 'gates: owners'],
  [
    'a gate function that everybody may call',
    'GRANT EXECUTE ON FUNCTION audit.ensure_partitions(integer) TO PUBLIC',
    'gates: callers',
  ],
  [
    'a log without a partition for this month',
    `DO $$ DECLARE p text; BEGIN SELECT inhrelid::regclass::text INTO p FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'audit.patient_phi_audit_log'::regclass AND pg_get_expr(c.relpartbound, c.oid) LIKE '%FROM (''' || to_char(now(), 'YYYY-MM') || '%'; EXECUTE 'ALTER TABLE audit.patient_phi_audit_log DETACH PARTITION ' || p; END $$`,
    'logs: partitions',
  ],
]

describe('the doctor', () => {
  it('finds nothing in a database as Vigil makes it', async () => {
    expect(
      [...(await checkRoles(superuser)), ...(await checkGates(superuser))].filter(({ ok }) => !ok),
    ).toEqual([])
  })

  it.each(holes)('finds %s', async (_, hole, found) => {
    const checks = await withHole(hole)
    expect(checks.map(({ name }) => name)).toContain(found)
    expect(checks.every(({ detail }) => /[;:] \w+ |; /.test(detail))).toBe(true)
  })

  it('finds a role that is missing', async () => {
    const checks = await withHole(`ALTER ROLE audit_reader RENAME TO audit_lector`)
    expect(checks.map(({ name }) => name)).toContain('roles: present')
  })

  it('finds a clock that is an hour away', async () => {
    const restore = replaceClock(clockAhead(3_600_000))
    const checks = await checkServer(superuser, 'database', database.urls.superuser)
    restore()
    expect(findings(checks)).toContain('database: clock')
  })

  it('finds durability switched off, as these test servers have it', async () => {
    const checks = await checkServer(superuser, 'database', database.urls.superuser)
    expect(checks.find(({ name }) => name === 'database: settings')).toMatchObject({ ok: false })
    expect(checks.find(({ name }) => name === 'database: settings')?.detail).toContain('fsync is off')
  })

  it('finds migrations that are pending or edited', async () => {
    const all = dataMigrations()
    const more = {
      name: '20990101000000_add_future',
      sql: 'SELECT 1',
      checksum: 'a'.repeat(64),
      isBootstrap: false,
    }
    expect(await checkMigrations(superuser, 'database', dataState, all)).toMatchObject({ ok: true })
    expect(await checkMigrations(superuser, 'database', dataState, [...all, more])).toMatchObject({
      ok: false,
    })
    const edited = all.map((migration, index) =>
      index === 1 ? { ...migration, checksum: 'b'.repeat(64) } : migration,
    )
    expect((await checkMigrations(superuser, 'database', dataState, edited)).detail).toContain(
      'was changed after',
    )
  })

  it('finds a keyring and secrets that others can read', () => {
    const secrets = path.join(database.home, 'secrets')
    mkdirSync(secrets, { mode: 0o700 })
    writeFileSync(path.join(database.home, 'home.json'), '{"kind":"demo"}', { mode: 0o600 })
    writeFileSync(path.join(secrets, 'session'), 'x', { mode: 0o600 })
    const keyring = path.join(database.home, 'keyring.json')
    const env = parseEnv({ VIGIL_HOME: database.home, KEYRING_FILE: keyring })
    expect(findings(checkMachine(env))).toEqual(['keyring'])
    writeFileSync(keyring, '{}', { mode: 0o600 })
    expect(findings(checkMachine(env))).toEqual([])
    chmodSync(keyring, 0o644)
    chmodSync(path.join(secrets, 'session'), 0o640)
    chmodSync(database.home, 0o755)
    expect(findings(checkMachine(env)).toSorted()).toEqual(['home', 'keyring', 'secrets'])
    chmodSync(database.home, 0o700)
  })

  it('says in one document what it found, and with its exit status that it found something', async () => {
    const env = parseEnv({
      DATABASE_URL: database.urls.app,
      DATABASE_WORKER_URL: database.urls.worker,
      KEYSTORE_URL: database.urls.keystore,
      KEYSTORE_OWNER_URL: database.urls.keystore_owner,
      VIGIL_HOME: path.join(database.home, 'nowhere'),
    })
    const { ok, json, text } = await run({ words: [], options: {}, env, say: () => undefined })
    expect(ok).toBe(false)
    // fsync is off, there is no keyring at that place, and no provider was ever set up: nothing else may be wrong with it.
    expect(findings((json as { checks: Check[] }).checks)).toEqual([
      'keyring',
      'database: settings',
      'key store: settings',
      'key provider',
    ])
    expect(text).toContain('✗')
  })

  it('tells a database that does not answer from one that is wrong', async () => {
    const env = parseEnv({
      DATABASE_URL: 'postgresql://a:b@127.0.0.1:9/vigil',
      KEYSTORE_URL: database.urls.keystore,
    })
    const { json } = await run({ words: [], options: {}, env, say: () => undefined })
    const checks = (json as { checks: Check[] }).checks
    expect(checks.find(({ name }) => name === 'database: connection')?.detail).toContain(
      'cannot be asked (ECONNREFUSED)',
    )
  })
})
