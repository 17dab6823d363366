import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '#lib/testing/test-database.ts'

// Read from the live catalogue, so that a table, function or grant that somebody adds later cannot be forgotten.

let db: pg.Client
const rows = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await db.query<Record<string, unknown>>(text, values)).rows
const column = async (text: string, values: unknown[] = []): Promise<string[]> =>
  (await rows(text, values)).map((row) => String(Object.values(row)[0]))

beforeAll(async () => {
  const { urls } = await testDatabase()
  db = new pg.Client({ connectionString: urls.superuser })
  await db.connect()
})
afterAll(() => db.end())

const logins = ['vigil_app', 'vigil_worker', 'vigil_sealer', 'vigil_audit', 'vigil_owner']
const assumed = [
  'phi_patient',
  'phi_proxy',
  'phi_nurse',
  'phi_clinician',
  'phi_billing',
  'phi_billing_identity',
  'phi_compliance',
  'phi_job_import',
  'phi_job_rotate',
  'phi_job_reindex',
  'phi_job_shred',
]

/**
 * Tables of schema phi that break the rule of the gate: for every role that can be assumed, each kind of statement asks
 * for that role's admission, by a constant; the test below plants one to see it found.
 */
const ungated = (): Promise<string[]> =>
  column(
    `
    SELECT c.relname FROM pg_class c
     WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
       AND NOT (c.relkind = 'r' AND c.relrowsecurity AND c.relforcerowsecurity AND NOT EXISTS (
         SELECT FROM unnest($1::text[]) r
          CROSS JOIN (VALUES
            ('gate_select_', 'r', '%audit.has_admission(''%1$s''::text)%audit.admitted(''%1$s''::text)%', NULL),
            ('gate_insert_', 'a', NULL, '%audit.admitted_for_write(''%1$s''::text, %'),
            ('gate_update_', 'w', '%audit.admitted(''%1$s''::text)%', '%audit.admitted_for_write(''%1$s''::text, %'),
            ('gate_delete_', 'd', '%audit.admitted_for_write(''%1$s''::text, %', NULL)) AS k (prefix, command, using_like, check_like)
          WHERE NOT EXISTS (SELECT FROM pg_policy p
            WHERE p.polrelid = c.oid AND p.polname = k.prefix || r AND p.polcmd = k.command::"char"
              AND p.polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = r)]
              AND (k.using_like IS NULL OR pg_get_expr(p.polqual, p.polrelid) LIKE replace(k.using_like, '%1$s', r))
              AND (k.check_like IS NULL OR pg_get_expr(p.polwithcheck, p.polrelid) LIKE replace(k.check_like, '%1$s', r)))))`,
    [assumed],
  )

describe('the gate', () => {
  test('stands before every table of patients, and the check finds one that it misses', async () => {
    expect(await ungated()).toEqual([])
    await db.query('BEGIN')
    await db.query('CREATE TABLE phi.planted (id uuid, patient_id uuid)')
    expect(await ungated()).toEqual(['planted'])
    await db.query('ROLLBACK')
  })

  test('has exactly these holes: the gate’s own sight of relations, the census’s of ciphertexts, and the trigger that adds history', async () => {
    const permissive = await column(`
      SELECT format('%s.%s for %s to %s', c.relname, p.polname, p.polcmd, (SELECT string_agg(r.rolname, ',') FROM pg_roles r WHERE r.oid = ANY (p.polroles)))
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
       WHERE p.polpermissive AND p.polname NOT LIKE 'gate\\_%' OR p.polname = 'gate_sight' ORDER BY 1`)
    const sealedTables = await column(
      `SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'phi' AND domain_name = 'ciphertext'`,
    )
    expect(sealedTables.length).toBeGreaterThan(15)
    expect(permissive).toEqual(
      [
        'accounting_request.gate_sight for r to audit_gate',
        'care_relationship.gate_sight for r to audit_gate',
        'claim.gate_sight for r to audit_gate',
        'concern.gate_sight for r to audit_gate',
        'disclosure.gate_sight for r to audit_gate',
        'disclosure_suspension.gate_sight for r to audit_gate',
        'patient.gate_sight for r to audit_gate',
        'record_grant.gate_sight for r to audit_gate',
        'row_history.history_add for a to phi_owner',
        // not of records: the web login's way round kept searches, which the functions alone reach
        'saved_filter.short_lived for * to vigil_app',
        // who, whom and when, for the job that watches
        ...['care_relationship', 'claim', 'encounter', 'medication_request', 'patient', 'search_token'].map(
          (table) => `${table}.watch_sight for r to audit_watch`,
        ),
        'search_token.gate_sight for r to audit_gate',
        ...[...sealedTables, 'row_history', 'search_token'].map(
          (table) => `${table}.census_sight for r to phi_census`,
        ),
      ].toSorted(),
    )
    // Whatever the census owns tells numbers and ids, to the worker alone; what names patients, only in a session of its job
    // (job-functions.db.test.ts).
    expect(
      await column(`SELECT p.oid::regprocedure || ' ' || pg_get_function_result(p.oid) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE r.rolname = 'phi_census' ORDER BY 1`),
    ).toEqual(
      expect.arrayContaining([
        'phi.cell_versions(text,uuid[]) TABLE(patient_id uuid, table_name text, key_version bigint, cells bigint)',
      ]),
    )
    expect(
      await column(`SELECT format('%s to %s', p.proname, a.grantee::regrole) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner,
        aclexplode(p.proacl) a WHERE r.rolname = 'phi_census' AND a.grantee <> p.proowner AND a.grantee::regrole::text <> 'vigil_worker'`),
    ).toEqual([])
    const sight = await column(`
      SELECT table_name || '.' || column_name FROM information_schema.column_privileges
       WHERE grantee = 'audit_gate' AND table_schema = 'phi' AND privilege_type = 'SELECT' ORDER BY 1`)
    const sealed = await column(
      `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'phi' AND domain_name = 'ciphertext'`,
    )
    expect(sight.filter((name) => sealed.includes(name))).toEqual([])
  })
})

describe('logins and roles', () => {
  test('none is a superuser, bypasses row security, creates, replicates or inherits what it may assume', async () => {
    const bad = await column(
      `SELECT rolname FROM pg_roles WHERE rolname = ANY ($1) AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication OR (rolinherit AND rolname <> 'vigil_audit'))`,
      [[...logins, ...assumed, 'audit_gate', 'audit_owner', 'phi_owner', 'app_owner', 'audit_reader']],
    )
    expect(bad).toEqual([])
    expect(
      await column(`SELECT rolname FROM pg_roles WHERE rolname = ANY ($1) AND rolcanlogin`, [
        [...assumed, 'audit_gate', 'audit_owner', 'phi_owner', 'app_owner', 'audit_reader'],
      ]),
    ).toEqual([])
  })

  test('the web login owns nothing and has no right on any table, column or function of patients', async () => {
    expect(
      await column(
        `SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY ($1) AND c.relnamespace <> 'pg_toast'::regnamespace AND c.relname <> 'schema_migration' AND c.relname <> 'schema_migration_pkey'`,
        [logins],
      ),
    ).toEqual([])
    expect(
      await column(
        `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'phi'::regnamespace AND c.relkind IN ('r', 'S')
           AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege('vigil_app', c.oid, 'USAGE, SELECT, UPDATE')
               ELSE has_table_privilege('vigil_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                 OR has_any_column_privilege('vigil_app', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END`,
      ),
    ).toEqual([])
    expect(await column(`SELECT has_schema_privilege('vigil_app', 'phi', 'USAGE')::text`)).toEqual(['false'])
  })

  test('nobody may create anything, a temporary table included', async () => {
    const all = [...logins, ...assumed]
    expect(
      await column(
        `SELECT r || ' in ' || n.nspname FROM unnest($1::text[]) r, pg_namespace n WHERE has_schema_privilege(r, n.oid, 'CREATE') AND n.nspname !~ '^pg_(toast_)?temp'`,
        [all],
      ),
    ).toEqual([])
    expect(
      await column(
        `SELECT r FROM unnest($1::text[]) r WHERE has_database_privilege(r, current_database(), 'TEMP, CREATE')`,
        [all],
      ),
    ).toEqual([])
  })

  test('nobody is in a role that reads or writes past the gate', async () => {
    const granted = await column(
      `SELECT m.rolname || ' in ' || g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
        WHERE m.rolname = ANY ($1) ORDER BY 1`,
      [[...logins, ...assumed, 'audit_gate', 'audit_owner', 'phi_owner', 'app_owner', 'audit_reader']],
    )
    expect(granted).toEqual([
      'vigil_app in phi_billing',
      'vigil_app in phi_billing_identity',
      'vigil_app in phi_clinician',
      'vigil_app in phi_compliance',
      'vigil_app in phi_nurse',
      'vigil_app in phi_patient',
      'vigil_app in phi_proxy',
      'vigil_audit in audit_reader',
      'vigil_owner in app_owner',
      'vigil_owner in audit_gate',
      'vigil_owner in audit_owner',
      'vigil_owner in audit_watch',
      'vigil_owner in phi_census',
      'vigil_owner in phi_owner',
      'vigil_worker in phi_job_import',
      'vigil_worker in phi_job_reindex',
      'vigil_worker in phi_job_rotate',
      'vigil_worker in phi_job_shred',
    ])
  })

  test('nobody holds a lock whose number can be guessed, but for the election of the sealer and the worker', async () => {
    const holders = () =>
      column(
        `SELECT r || ': ' || p.oid::regprocedure FROM unnest($1::text[]) r, pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
           AND p.proname ~ 'advisory.*lock' AND p.proname !~ 'unlock' AND has_function_privilege(r, p.oid, 'EXECUTE') ORDER BY 1`,
        [[...logins.filter((login) => login !== 'vigil_owner'), ...assumed, 'audit_reader']],
      )
    const elected = [
      'vigil_sealer: pg_try_advisory_lock(integer,integer)',
      'vigil_worker: pg_try_advisory_lock(integer,integer)',
    ]
    expect(await holders()).toEqual(elected)
    // control
    await db.query('BEGIN')
    await db.query('GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC')
    expect(await holders()).toContain('vigil_app: pg_advisory_lock(bigint)')
    await db.query('ROLLBACK')
    // The functions that take one belong to whom they were left.
    expect(
      await column(
        `SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('app', 'audit', 'phi') AND p.prosrc ~ 'pg_(try_)?advisory_'
          AND (NOT has_function_privilege(p.proowner, 'pg_advisory_xact_lock(bigint)', 'EXECUTE')
            OR NOT p.prosecdef AND EXISTS (SELECT FROM unnest($1::text[]) r WHERE has_function_privilege(r, p.oid, 'EXECUTE')))`,
        [[...logins, ...assumed]],
      ),
    ).toEqual([])
  })

  test('large objects and foreign servers are out of reach, and prepared transactions are off', async () => {
    expect(
      await column(
        `SELECT r || ' ' || p.proname FROM unnest($1::text[]) r, pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
           AND (p.proname ~ '^lo_' OR p.proname IN ('loread', 'lowrite', 'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir')) AND has_function_privilege(r, p.oid, 'EXECUTE')`,
        [[...logins, ...assumed]],
      ),
    ).toEqual([])
    expect(await column(`SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'`)).toEqual([])
    expect(await column('SHOW max_prepared_transactions')).toEqual(['0'])
  })
})

describe('functions', () => {
  test('every one has a fixed search path, an owner that nobody can be, and no public caller', async () => {
    const bad = await column(`
      SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
       WHERE p.pronamespace IN ('app'::regnamespace, 'audit'::regnamespace, 'phi'::regnamespace)
         AND (NOT coalesce(array_to_string(p.proconfig, ',') LIKE '%search_path=pg_catalog, pg_temp%', false)
           OR r.rolcanlogin OR r.rolsuper
           OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0))`)
    expect(bad).toEqual([])
  })

  test('these, and no others, are what the web login can call', async () => {
    const callable = await column(`
      SELECT format('%s.%s', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname IN ('app', 'audit', 'phi') AND has_function_privilege('vigil_app', p.oid, 'EXECUTE') ORDER BY 1`)
    await expect(`${callable.join('\n')}\n`).toMatchFileSnapshot('./callable-functions.golden.txt')
  })
})

describe('the logs', () => {
  test('may be inserted into by the gate alone, by named columns, and changed by nobody', async () => {
    const grants = await column(`
      SELECT DISTINCT format('%s %s %s', grantee, privilege_type, table_name) FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND table_name ~ '_log' AND grantee <> 'audit_owner' ORDER BY 1`)
    expect(grants).toEqual([
      'audit_gate SELECT patient_phi_audit_log',
      'audit_gate SELECT security_event_log',
      'audit_reader SELECT patient_phi_audit_log',
      'audit_reader SELECT security_event_log',
      'audit_watch SELECT patient_phi_audit_log',
      // it hashes every row
      'vigil_sealer SELECT patient_phi_audit_log',
      'vigil_sealer SELECT security_event_log',
    ])
    const columns = await column(`
      SELECT DISTINCT format('%s %s', grantee, column_name) FROM information_schema.column_privileges
       WHERE table_schema = 'audit' AND table_name ~ '_log' AND privilege_type IN ('INSERT', 'UPDATE') AND grantee <> 'audit_owner' ORDER BY 1`)
    expect(columns.filter((name) => !name.startsWith('audit_gate '))).toEqual([])
    for (const name of ['seq', 'tx_id', 'accessed_at', 'log_id', 'db_user', 'db_pid'])
      expect(columns).not.toContain(`audit_gate ${name}`)
  })

  test('have partitions for this month and three more, each with a trigger against TRUNCATE, and no default partition', async () => {
    const partitions = await rows(`
      SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bound,
             EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'append_only_truncate') AS guarded,
             EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'append_only') AS append_only
        FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r'`)
    expect(partitions).toHaveLength(8)
    expect(
      partitions.filter(
        (p) => p['bound'] === 'DEFAULT' || p['guarded'] !== true || p['append_only'] !== true,
      ),
    ).toEqual([])
  })

  // What would be lost if this failed: the index of the sealed leaves would be written all over at every checkpoint (decision 0028).
  test('give their entries ids of version 7: the time that the entry has, and otherwise random', async () => {
    await db.query('BEGIN')
    const insert = (table: string, columns: string, values: string) =>
      column(
        `INSERT INTO audit.${table} (${columns}) SELECT ${values} FROM generate_series(1, 20) RETURNING log_id::text || ' ' || extract(epoch FROM accessed_at)`,
      )
    const made = [
      ...(await insert('security_event_log', 'event_type, outcome', `'PLANTED', 'DONE'`)),
      ...(await insert('patient_phi_audit_log', 'request_id, patient_id, action_type, view, outcome, reason', `gen_random_uuid(), gen_random_uuid(), 'READ', 'x', 'DENIED', 'x'`)),
    ] // prettier-ignore
    await db.query('ROLLBACK')
    const ids = made.map((each) => {
      const [id = '', seconds = ''] = each.split(' ')
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const away = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) - Number(seconds) * 1000
      expect(Math.abs(away)).toBeLessThan(60_000)
      return id
    })
    expect(new Set(ids.map((id) => id.slice(-12))).size).toBe(40)
  })

  test.each([...logins, 'audit_gate', 'audit_owner', 'audit_reader'])(
    '%s can neither update, delete nor truncate them',
    async (role) => {
      for (const table of ['patient_phi_audit_log', 'security_event_log']) {
        for (const statement of [
          `UPDATE audit.${table} SET client_ip = NULL`,
          `DELETE FROM audit.${table}`,
          `TRUNCATE audit.${table}`,
        ]) {
          await db.query('BEGIN')
          await db.query(
            `INSERT INTO audit.security_event_log (event_type, outcome) VALUES ('PLANTED', 'DONE')`,
          )
          await db.query(
            `INSERT INTO audit.patient_phi_audit_log (request_id, patient_id, action_type, view, outcome, reason) VALUES (gen_random_uuid(), gen_random_uuid(), 'READ', 'x', 'DENIED', 'x')`,
          )
          await db.query(`SET LOCAL ROLE ${role}`)
          await expect(db.query(statement)).rejects.toMatchObject({ code: '42501' })
          await db.query('ROLLBACK')
        }
      }
    },
  )
})

describe('the live catalogue and prisma/schema.prisma', () => {
  type Column = {
    model: string
    table: string
    schema: string
    column: string
    type: string
    nullable: boolean
    sealed: boolean
  }
  const nativeTypes: Record<string, string> = {
    Uuid: 'uuid',
    Timestamptz: 'timestamp(3) with time zone',
    Date: 'date',
    Inet: 'inet',
  }
  const plainTypes: Record<string, string> = {
    String: 'text',
    Int: 'integer',
    BigInt: 'bigint',
    Boolean: 'boolean',
    Bytes: 'bytea',
    Json: 'jsonb',
    'String[]': 'text[]',
  }

  const text = readFileSync('prisma/schema.prisma', 'utf8')
  const blocks = [...text.matchAll(/^model (\w+) \{\n([^]*?)^\}/gm)].map(([, name = '', body = '']) => ({
    name,
    lines: body.split('\n').map((l) => l.trim()),
  }))
  const tableOf = new Map(
    blocks.map(({ name, lines }) => [
      name,
      {
        table: /@@map\("(\w+)"\)/.exec(lines.join('\n'))?.[1] ?? name,
        schema: /@@schema\("(\w+)"\)/.exec(lines.join('\n'))?.[1] ?? '',
      },
    ]),
  )
  const columnOf = (lines: string[], field: string): string => {
    const line = lines.find((candidate) => candidate.startsWith(`${field} `)) ?? ''
    return /@map\("(\w+)"\)/.exec(line)?.[1] ?? field
  }
  const declared: Column[] = blocks.flatMap(({ name, lines }) => {
    const { table, schema } = tableOf.get(name) ?? { table: name, schema: '' }
    return lines.flatMap((line, index) => {
      const [, field = '', type = '', list = '', optional = ''] =
        /^(\w+)\s+(\w+)(\[\])?(\?)?/.exec(line) ?? []
      if (!field || line.startsWith('//') || line.startsWith('@@') || tableOf.has(type)) return []
      const above = lines.slice(0, index).toReversed()
      const comments = above.slice(
        0,
        above.findIndex((l) => !l.startsWith('///')) === -1
          ? above.length
          : above.findIndex((l) => !l.startsWith('///')),
      )
      const sealed =
        comments.some((l) => l.startsWith('/// @phi')) || (schema === 'app' && field.endsWith('Sealed'))
      const native = /@db\.(\w+)/.exec(line)?.[1]
      return [
        {
          model: name,
          table,
          schema,
          column: columnOf(lines, field),
          type: native ? (nativeTypes[native] ?? native) : (plainTypes[type + list] ?? type),
          nullable: optional === '?',
          sealed,
        },
      ]
    })
  })

  test('have the same tables, columns, types, nullability and sealed columns', async () => {
    const live = await rows(`
      SELECT n.nspname AS schema, c.relname AS table, a.attname AS column, NOT a.attnotnull AS nullable,
             CASE WHEN t.typtype = 'd' THEN 'text' ELSE format_type(a.atttypid, a.atttypmod) END AS type, t.typtype = 'd' AND t.typname = 'ciphertext' AS sealed
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
       WHERE n.nspname IN ('app', 'phi') AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`)
    const print = (c: Pick<Column, 'schema' | 'table' | 'column' | 'type' | 'nullable' | 'sealed'>): string =>
      `${c.schema}.${c.table}.${c.column} ${c.type}${c.nullable ? '' : ' not null'}${c.sealed ? ' sealed' : ''}`
    expect(declared.length).toBeGreaterThan(300)
    expect(declared.map(print).toSorted()).toEqual(live.map((row) => print(row as never)).toSorted())
  })

  test('have the same relations', async () => {
    const wanted = blocks.flatMap(({ name, lines }) => {
      const from = tableOf.get(name)
      return lines.flatMap((line) => {
        const [, target = '', fields = '', references = ''] =
          /^\w+\s+(\w+)\??\s+@relation\(fields: \[([^\]]+)\], references: \[([^\]]+)\]/.exec(line) ?? []
        const to = tableOf.get(target)
        if (!from || !to) return []
        const targetLines = blocks.find((block) => block.name === target)?.lines ?? []
        const map = (names: string, of: string[]): string =>
          names
            .split(', ')
            .map((field) => columnOf(of, field))
            .join(',')
        return [
          `${from.schema}.${from.table}(${map(fields, lines)}) -> ${to.schema}.${to.table}(${map(references, targetLines)})`,
        ]
      })
    })
    const live = await column(`
      SELECT format('%s(%s) -> %s(%s)', k.conrelid::regclass,
               (SELECT string_agg(a.attname, ',' ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u (c, n) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.c),
               k.confrelid::regclass,
               (SELECT string_agg(a.attname, ',' ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u (c, n) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.c))
        FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace IN ('app'::regnamespace, 'phi'::regnamespace)`)
    expect(wanted.length).toBeGreaterThan(40)
    expect(wanted.toSorted()).toEqual(live.toSorted())
  })

  test('agree that whatever hangs on a patient’s row hangs on it together with the patient', async () => {
    const loose = await column(`
      SELECT format('%s -> %s', k.conrelid::regclass, k.confrelid::regclass) FROM pg_constraint k
       WHERE k.contype = 'f' AND k.connamespace = 'phi'::regnamespace AND k.confrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'phi'::regnamespace)
         AND k.confrelid <> 'phi.patient'::regclass
         AND NOT EXISTS (SELECT FROM unnest(k.conkey) c JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c AND a.attname = 'patient_id')`)
    expect(loose).toEqual([])
  })
})
