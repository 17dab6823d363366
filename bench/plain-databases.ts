import pg from 'pg'
import { embeddedUrl } from '#lib/ops/postgres/embedded-servers.ts'
import type { Env } from '#lib/parse-env.ts'
import type { Model } from '#lib/phi/registry.ts'
import { cloneDatabase } from '#lib/testing/clone-database.ts'
import { closeConnections } from './close-connections.ts'

/** Copies on the same server: `sealed` with the very same rows, `open` with what stands in them. */
export const plainDatabases = { sealed: 'bench_sealed', open: 'bench_open' } as const

/**
 * Makes the copies that floors are measured on: the same rows and indexes, without row security, triggers and domain.
 * The web process's login reads them as it likes.
 */
export async function makePlainDatabases(env: Env): Promise<void> {
  await closeConnections()
  await asSuperuser(env, 'postgres', async (client) => {
    for (const name of Object.values(plainDatabases)) await cloneDatabase(client, 'vigil', name)
  })
  for (const name of Object.values(plainDatabases)) {
    await asSuperuser(env, name, async (client) => {
      await takeSafeguardsOff(client)
      if (name === plainDatabases.open) await openCells(client)
      await client.query('VACUUM (ANALYZE)')
    })
  }
  await asSuperuser(env, 'vigil', (client) => client.query('VACUUM (ANALYZE)'))
  await closeConnections()
}

async function asSuperuser<T>(
  env: Env,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: embeddedUrl(env.home, 'superuser', database) })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function takeSafeguardsOff(client: pg.Client): Promise<void> {
  await client.query(`
    DO $$ DECLARE t regclass; c record; BEGIN
      FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'phi'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY, DISABLE TRIGGER USER', t);
        FOR c IN SELECT attname FROM pg_attribute WHERE attrelid = t AND atttypid = 'phi.ciphertext'::regtype AND NOT attisdropped LOOP
          EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE text', t, c.attname);
        END LOOP;
      END LOOP;
    END $$;
    GRANT USAGE ON SCHEMA phi, app, audit TO vigil_app;
    GRANT SELECT ON ALL TABLES IN SCHEMA phi, app TO vigil_app;
    CREATE TABLE audit.plain_row (LIKE audit.patient_phi_audit_log INCLUDING ALL);
    GRANT INSERT ON audit.plain_row TO vigil_app;
    GRANT USAGE ON SEQUENCE audit.log_seq TO vigil_app`)
}

/** The column's type where the copy holds a cell's value itself; every other value is text for Prisma too. */
const columnTypes: Readonly<Partial<Record<string, string>>> = {
  number: 'double precision',
  json: 'jsonb',
  boolean: 'boolean',
}

async function openCells(client: pg.Client): Promise<void> {
  const { models } = await import('#lib/phi/registry.ts')
  for (const model of models.values()) {
    if (model.encrypted.size === 0) continue
    const table = await tableOf(model)
    const columns = await columnsOf(model)
    const rows = (await client.query<Record<string, string | null>>(`SELECT * FROM ${table}`)).rows
    const opened = await openedRows(model, columns, rows)
    const sets = columns.map(({ column }) => `${column} = o.${column}`).join(', ')
    const types = columns.map(({ column }) => `${column} text`).join(', ')
    await client.query(
      `UPDATE ${table} t SET ${sets} FROM jsonb_to_recordset($1) AS o (id uuid, ${types}) WHERE t.id = o.id`,
      [JSON.stringify(opened)],
    )
    for (const { column, type } of columns) {
      const wanted = columnTypes[type]
      if (wanted !== undefined)
        await client.query(
          `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${wanted} USING ${column}::${wanted}`,
        )
    }
  }
  await client.query(
    'CREATE INDEX bench_observation_code_idx ON phi.observation (patient_id, code, effective_at DESC)',
  )
}

type Column = { field: string; column: string; type: string }

async function openedRows(
  model: Model,
  columns: readonly Column[],
  rows: readonly Record<string, string | null>[],
): Promise<Record<string, string | null>[]> {
  const { processKeyStore } = await import('#lib/keys/process-key-store.ts')
  const { openCell } = await import('#lib/crypto/open-cell.ts')
  const { rowAddress } = await import('#lib/crypto/row-address.ts')
  const ownerOf = (row: Record<string, string | null>) =>
    (model.owner === 'id' ? row['id'] : row['patient_id']) ?? ''
  const keys = await (await processKeyStore()).dataKeysFor(new Set(rows.map(ownerOf)))
  return rows.map((row) => {
    const id = row['id'] ?? ''
    const opened: Record<string, string | null> = { id }
    const own = keys.get(ownerOf(row))
    for (const { field, column } of columns) {
      const text = row[column]
      const cell = model.encrypted.get(field)?.cell
      const value =
        typeof text === 'string' && own && cell
          ? openCell(own, cell, rowAddress(id, ownerOf(row)), text)
          : null
      opened[column] = value === null || typeof value === 'string' ? value : JSON.stringify(value)
    }
    return opened
  })
}

async function tableOf(model: Model): Promise<string> {
  const { fields } = await import('#lib/phi/fields.generated.ts')
  const { schema, table } = fields[model.name as keyof typeof fields]
  return `${schema}.${table}`
}

async function columnsOf(model: Model): Promise<Column[]> {
  return [...model.encrypted.values()].map(({ name, cell }) => ({
    field: name,
    column: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    type: cell.type,
  }))
}
