import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'

let under: KeyStoreUnderTest
beforeAll(async () => {
  under = await keyStoreUnderTest()
  await (await under.open()).dataKeysForWriting(['patient-1', 'patient-2', 'patient-3'])
})
afterAll(() => under.close())

const codeOf = (login: 'vigil_keys' | 'operator' | 'owner' | 'superuser', statement: string) =>
  under.as(login, statement).then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )

describe('the serving login can do what it must and no more', () => {
  test.each([
    'DELETE FROM keys.data_key',
    'DELETE FROM keys.key_event',
    'DELETE FROM keys.keyring_state',
    'TRUNCATE keys.data_key',
    'TRUNCATE keys.key_event',
    'TRUNCATE keys.keyring_state CASCADE',
    'DELETE FROM keys.keyring_version',
    'TRUNCATE keys.keyring_version',
    // What cannot be undone is the operator's alone.
    "UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL",
    "UPDATE keys.data_key SET state = 'disabled'",
    "UPDATE keys.data_key SET wrapped = 'x'",
    'UPDATE keys.data_key SET kek_version = 9',
    "UPDATE keys.data_key SET provider = 'vault'",
    "UPDATE keys.keyring_version SET state = 'destroyed'",
    "UPDATE keys.keyring_version SET wrapped = 'x'",
    "UPDATE keys.keyring_state SET standing = 'leaving'",
    'UPDATE keys.keyring_state SET version_min = 9',
    'INSERT INTO keys.data_key_rotation (owner_id, after_event) VALUES (NULL, 1)',
    "UPDATE keys.keyring_version SET provider = 'x'",
    'UPDATE keys.keyring_version SET version = 9',
    'UPDATE keys.keyring_version SET created_at = now()',
    "UPDATE keys.keyring_state SET provider = 'x'",
    "UPDATE keys.data_key SET owner_id = 'patient-2'",
    'UPDATE keys.data_key SET version = 9',
    "UPDATE keys.data_key SET purpose = 'data-key'",
    'UPDATE keys.data_key SET created_at = now()',
    "INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped, encryptions) VALUES ('data-key', 'x', 1, 'active', 'file', 1, 'x', 5)",
    "INSERT INTO keys.key_event (kind) VALUES ('CREATED')",
    "UPDATE keys.key_event SET kind = 'CREATED'",
    "UPDATE keys.keyring_state SET keyring_id = 'x'",
    "UPDATE keys.keyring_state SET environment = 'x'",
    'CREATE TABLE keys.mine (x int)',
    'CREATE TABLE public.mine (x int)',
    'CREATE TEMPORARY TABLE mine (x int)',
    'CREATE SCHEMA mine',
    'ALTER TABLE keys.data_key DISABLE TRIGGER ALL',
    'ALTER TABLE keys.data_key OWNER TO vigil_keys',
    'DROP TABLE keys.key_event',
    'DROP INDEX keys.data_key_one_active',
    'CREATE FUNCTION keys.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'SELECT keys.log_data_key()',
    'SET ROLE vigil_keys_owner',
    "SET session_replication_role = 'replica'",
    "COPY keys.data_key TO '/tmp/keys'",
    "COPY keys.data_key TO PROGRAM 'cat'",
    'SELECT rolpassword FROM pg_authid',
  ])('refused: %s', async (statement) => {
    expect(await codeOf('vigil_keys', statement)).toBe('42501')
  })

  test.each([
    'SELECT * FROM keys.data_key',
    'SELECT * FROM keys.key_event',
    "UPDATE keys.data_key SET encryptions = encryptions + 1 WHERE owner_id = 'patient-1'",
    'UPDATE keys.keyring_state SET serial = serial',
    "UPDATE keys.data_key SET state = 'decrypt_only' WHERE owner_id = 'patient-3'",
  ])('allowed (control): %s', async (statement) => {
    expect(await codeOf('vigil_keys', statement)).toBe('done')
  })

  test('a key that stepped back is not taken back, nor anything else done to it', async () => {
    const owner = "WHERE owner_id = 'patient-3'"
    await codeOf('vigil_keys', `UPDATE keys.data_key SET state = 'decrypt_only' ${owner}`)
    for (const state of ['disabled', 'destroyed'])
      expect(await codeOf('vigil_keys', `UPDATE keys.data_key SET state = '${state}' ${owner}`)).toBe('42501')
    // Control: the operator does it.
    expect(await codeOf('operator', `UPDATE keys.data_key SET state = 'disabled' ${owner}`)).toBe('done')
  })

  test('it cannot pass on what it may do itself', async () => {
    // Postgres only warns and does nothing; so look at what is granted afterwards.
    const grants = async () => {
      const { rows } = await under.as(
        'superuser',
        "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'keys'::regnamespace ORDER BY 1",
      )
      return rows
    }
    const before = await grants()
    await codeOf('vigil_keys', 'GRANT ALL ON keys.data_key TO PUBLIC')
    expect(await grants()).toEqual(before)
    expect(await codeOf('owner', 'GRANT SELECT ON keys.data_key TO PUBLIC')).toBe('done')
    expect(await grants(), 'control: a grant by the owner shows').not.toEqual(before)
    await codeOf('owner', 'REVOKE SELECT ON keys.data_key FROM PUBLIC')
  })

  test('it owns nothing and is nothing special', async () => {
    const { rows } = await under.as(
      'superuser',
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
              (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS relations,
              (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
         FROM pg_roles r WHERE rolname = 'vigil_keys'`,
    )
    expect(rows).toEqual([
      { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false, rolbypassrls: false, relations: 0, memberships: 0 },
    ]) // prettier-ignore
  })
})

describe('what no login may do while the triggers stand', () => {
  test.each([
    ['DELETE FROM keys.data_key', '42501'],
    ['TRUNCATE keys.data_key', '42501'],
    ['DELETE FROM keys.key_event', '42501'],
    ["UPDATE keys.key_event SET kind = 'CREATED'", '42501'],
    ['TRUNCATE keys.key_event', '42501'],
    ['TRUNCATE keys.keyring_state CASCADE', '42501'],
    ['DELETE FROM keys.keyring_state', '42501'],
    ["UPDATE keys.keyring_state SET version_min = 2; UPDATE keys.keyring_state SET version_min = 1", '23514'],
    ["UPDATE keys.keyring_state SET standing = 'leaving'", '23514'],
    ["UPDATE keys.keyring_state SET standing = 'arriving'", '23514'],
    ["UPDATE keys.data_key SET wrapped = wrapped || 'x', provider = 'vault'", '23514'],
    ["UPDATE keys.keyring_state SET version_min = 2; UPDATE keys.data_key SET wrapped = wrapped || 'x'", '23514'],
    ["UPDATE keys.data_key SET state = 'pending' WHERE owner_id = 'patient-2'", '23514'],
    ["UPDATE keys.data_key SET wrapped = NULL WHERE owner_id = 'patient-2'", '23514'],
    ["UPDATE keys.data_key SET state = 'destroyed' WHERE owner_id = 'patient-2'", '23514'],
    ['UPDATE keys.data_key SET encryptions = encryptions - 1', '23514'],
    ['UPDATE keys.keyring_state SET serial = serial - 1', '23514'],
    ["INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial) VALUES ('x', 'demo', 'vault', 1)", '23514'],
    ["INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial) SELECT keyring_id, 'production', 'vault', 1 FROM keys.keyring_state", '23514'],
    ["INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial) SELECT keyring_id, environment, provider, 9 FROM keys.keyring_state", '23505'],
    ["INSERT INTO keys.keyring_state (keyring_id, environment, provider, serial, standing) SELECT keyring_id, environment, 'vault', 1, 'current' FROM keys.keyring_state", '23505'],
  ])('%s', async (statement, code) => {
    expect(await codeOf('owner', statement)).toBe(code)
    expect(await codeOf('superuser', statement)).toBe(code)
  }) // prettier-ignore

  test('a destroyed key stays destroyed', async () => {
    const owner = "WHERE owner_id = 'patient-1'"
    expect(await codeOf('operator', `UPDATE keys.data_key SET state = 'disabled' ${owner}`)).toBe('done')
    expect(await codeOf('operator', `UPDATE keys.data_key SET state = 'decrypt_only' ${owner}`)).toBe('done')
    expect(
      await codeOf('operator', `UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL ${owner}`),
    ).toBe('done')
    for (const state of ['pending', 'active', 'decrypt_only', 'disabled']) {
      expect(
        await codeOf('superuser', `UPDATE keys.data_key SET state = '${state}', wrapped = 'x' ${owner}`),
      ).toBe('23514')
    }
  })
})

test('every change of a key leaves its line, by whoever made it', async () => {
  await under.as(
    'operator',
    "UPDATE keys.data_key SET wrapped = wrapped || 'x', kek_version = 2 WHERE owner_id = 'patient-2'",
  )
  await under.as('superuser', "UPDATE keys.data_key SET state = 'disabled' WHERE owner_id = 'patient-2'")
  await under.as(
    'operator',
    "UPDATE keys.data_key SET encryptions = encryptions + 5 WHERE owner_id = 'patient-2'",
  )
  const { rows } = await under.as(
    'owner',
    `SELECT kind, login, state_before, state_after, kek_version FROM keys.key_event
      WHERE owner_id = 'patient-2' AND purpose = 'data-key' ORDER BY id`,
  )
  expect(rows).toEqual([
    { kind: 'CREATED', login: 'vigil_keys', state_before: null, state_after: 'active', kek_version: 1 },
    {
      kind: 'REWRAPPED',
      login: 'vigil_keys_operator',
      state_before: 'active',
      state_after: 'active',
      kek_version: 2,
    },
    {
      kind: 'STATE_CHANGED',
      login: 'vigil_superuser',
      state_before: 'active',
      state_after: 'disabled',
      kek_version: 2,
    },
  ])
  // Control: with its trigger off, a change goes unlogged, and only the owner of the tables can do that.
  await under.as('owner', 'ALTER TABLE keys.data_key DISABLE TRIGGER log_data_key')
  await under.as('owner', "UPDATE keys.data_key SET state = 'decrypt_only' WHERE owner_id = 'patient-2'")
  const after = await under.as('owner', "SELECT FROM keys.key_event WHERE owner_id = 'patient-2'")
  expect(after.rowCount).toBe(3)
})
