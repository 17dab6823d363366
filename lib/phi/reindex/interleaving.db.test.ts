import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { withSearch } from '#lib/phi/with-search.ts'
import { withIndexRoots } from '#lib/testing/replace-index-key.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { renewNames } from './renew-names.ts'

/*
 * Somebody changes a name while the job renews tokens. Whatever the order of their statements, nobody is found by a former
 * name afterwards.
 */

let records: RecordCast
let blocker: pg.Client
beforeAll(async () => {
  records = await makeRecordCast()
  const { urls } = await testDatabase()
  blocker = new pg.Client({ connectionString: urls.superuser })
  await blocker.connect()
  await withIndexRoots((roots) => roots.makeNext(1))
  const store = await processKeyStore()
  while ((await store.indexKeys()).roots.size < 2) await sleep(20)
})
afterAll(async () => {
  await blocker.end()
  await records.close()
})

let number = 0
let patient = ''
beforeEach(async () => {
  number += 1
  patient = await records.addPatient(
    { familyName: `Former${number}`, mrn: `F-${number}` },
    records.actors.nurse,
  )
  // As if it came from before the next version was known.
  await records.raw('DELETE FROM phi.search_token WHERE row_id = $1 AND key_version = 2', [patient])
  await behind('UPDATE phi.patient SET mrn_token_even = NULL WHERE id = $1')
})

/** Changes the patient's row without any trigger, as the superuser. */
async function behind(text: string): Promise<void> {
  await records.raw("SET session_replication_role = 'replica'")
  await records.raw(text, [patient])
  await records.raw("SET session_replication_role = 'origin'")
}

const renew = async () => {
  const keys = await processKeyStore()
  return asService('search-index', (actor) => renewNames(actor, keys, [patient], 2))
}
const rename = () =>
  records.change([patient], (record) =>
    record.patient.update({
      where: { id: patient },
      data: { familyName: `Present${number}`, mrn: `P-${number}` },
      select: { id: true },
    }),
  )
const tokens = async () =>
  (
    await records.raw<{ token: string }>(
      `SELECT concat_ws(' ', column_id, key_version, encode(token, 'hex')) AS token FROM phi.search_token WHERE row_id = $1 ORDER BY 1`,
      [patient],
    )
  ).map((row) => row.token)
const columns = async () =>
  (
    await records.raw<{ odd: string | null; even: string | null }>(
      `SELECT encode(mrn_token, 'hex') AS odd, encode(mrn_token_even, 'hex') AS even FROM phi.patient WHERE id = $1`,
      [patient],
    )
  )[0]
const found = async (familyName: string) => {
  const search = { view: 'patient-search', terms: { familyName } } as const
  const outcome = await withSearch(records.actors.nurse, search, async (_record, patients) => patients)
  return outcome.kind === 'granted' ? outcome.patients : outcome.kind
}
/** How many sessions wait for somebody's lock. */
const waiting = (count: number) =>
  expect
    .poll(
      async () =>
        (
          await records.raw(
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          )
        ).length,
    )
    .toBe(count)

/** What the row looks like whose name was never another one. */
async function asIfNew(): Promise<{ tokens: string[]; columns: unknown }> {
  const [own, ownColumns] = [await tokens(), await columns()]
  await records.raw('DELETE FROM phi.search_token WHERE row_id = $1', [patient])
  await behind('UPDATE phi.patient SET mrn_token = NULL, mrn_token_even = NULL WHERE id = $1')
  await renew()
  const fresh = { tokens: await tokens(), columns: await columns() }
  expect(fresh.tokens).toHaveLength(4)
  expect({ tokens: own, columns: ownColumns }).toEqual(fresh)
  return fresh
}

test('attack 37: the job has read the name and not yet written its tokens when somebody changes it', async () => {
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE phi.search_token IN SHARE MODE')
  const renewing = renew()
  await waiting(1)
  const renaming = rename()
  await waiting(2)
  await blocker.query('COMMIT')
  await Promise.all([renewing, renaming])
  await asIfNew()
  expect(await found(`Former${number}`)).toEqual([])
  expect(await found(`Present${number}`)).toEqual([patient])
})

test('attack 37: somebody has changed the name and not yet committed when the job comes by', async () => {
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE phi.search_token IN SHARE MODE')
  const renaming = rename()
  await waiting(1)
  // It does not wait for the row, and makes nothing of what it cannot hold.
  const renewed = renew()
  await waiting(2)
  await blocker.query('COMMIT')
  expect((await renewed).owners).toBe(0)
  await renaming
  await asIfNew()
})

test('attack 37: the job has written tokens and not yet committed when somebody changes the name', async () => {
  // A deferred constraint holds the job's commit up, with everything written.
  await records.raw(`CREATE FUNCTION phi.hold_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(37); RETURN NULL; END $$`)
  await records.raw(`CREATE CONSTRAINT TRIGGER hold_up AFTER INSERT ON phi.search_token DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (CURRENT_USER = 'phi_job_reindex') EXECUTE FUNCTION phi.hold_up()`)
  await blocker.query('SELECT pg_advisory_lock(37)')
  const renewing = renew()
  await waiting(1)
  const renaming = rename()
  await waiting(2)
  await blocker.query('SELECT pg_advisory_unlock(37)')
  await Promise.all([renewing, renaming])
  await records.raw('DROP FUNCTION phi.hold_up() CASCADE')
  await asIfNew()
  expect(await found(`Former${number}`)).toEqual([])
})

test('attack 37, control: taking the tokens away before the change, as it was done once, leaves the former name findable', async () => {
  await records.raw(`CREATE FUNCTION phi.hold_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(37); RETURN NULL; END $$`)
  await records.raw(`CREATE CONSTRAINT TRIGGER hold_up AFTER INSERT ON phi.search_token DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (CURRENT_USER = 'phi_job_reindex') EXECUTE FUNCTION phi.hold_up()`)
  const before = await tokens()
  await blocker.query('SELECT pg_advisory_lock(37)')
  const renewing = renew()
  await waiting(1)
  const naive = new pg.Client({ connectionString: (await testDatabase()).urls.superuser })
  await naive.connect()
  await naive.query('BEGIN')
  await naive.query('DELETE FROM phi.search_token WHERE row_id = $1', [patient])
  await naive.query("SET LOCAL session_replication_role = 'replica'")
  const changing = naive.query('UPDATE phi.patient SET version = version + 1 WHERE id = $1', [patient])
  await waiting(2)
  await blocker.query('SELECT pg_advisory_unlock(37)')
  await Promise.all([renewing, changing])
  await naive.query('COMMIT')
  await naive.end()
  await records.raw('DROP FUNCTION phi.hold_up() CASCADE')
  const left = await tokens()
  // The former version's went; those that the job had just added stayed.
  expect(before).toHaveLength(2)
  expect(left).toHaveLength(2)
  expect(left.every((token) => token.includes(' 2 '))).toBe(true)
})
