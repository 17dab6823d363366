import { expect, test } from 'vitest'
import { leavesTraces } from './statement-kind.ts'

test.each([
  'SELECT 1',
  'select "public"."x" from t where a = $1',
  'INSERT INTO a VALUES ($1)',
  'WITH x AS (SELECT 1) SELECT * FROM x',
  'SAVEPOINT nested_1',
  'ROLLBACK TO SAVEPOINT nested_1',
  'COMMIT',
])('%j leaves nothing on the connection', (text) => {
  expect(leavesTraces(text)).toBe(false)
})

test.each([
  'SET synchronous_commit = off',
  'RESET ALL',
  "SELECT set_config('role', 'x', false)",
  'SELECT pg_advisory_lock(1)',
  'SELECT pg_try_advisory_lock_shared(1)',
  'DECLARE c CURSOR WITH HOLD FOR SELECT 1',
  'LISTEN x',
  'PREPARE p AS SELECT 1',
  'CREATE TEMP TABLE t (a int)',
  'SELECT 1; SET ROLE phi_nurse',
  '/* SELECT */ SET ROLE phi_nurse',
  'BEGIN',
])('%j may leave something, so its connection is closed', (text) => {
  expect(leavesTraces(text)).toBe(true)
})
