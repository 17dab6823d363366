import type { RecordCast } from './record-cast.ts'

/** Every row of every table of the product as text: what a stolen dump would hold. */
export async function dumpDatabase(records: RecordCast): Promise<string> {
  const tables = await records.raw<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('app', 'phi', 'audit') AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const rows = await records.raw<{ line: string }>(`SELECT t::text AS line FROM ${name} t`)
    texts.push(name, ...rows.map((row) => row.line))
  }
  return texts.join('\n')
}
