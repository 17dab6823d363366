import { type Connection } from '#lib/db/connection.ts'

type Statement = { text: string; values?: unknown[] }
type Answer = {
  command: string
  rowCount: number
  rows: unknown[][]
  fields: { name: string; dataTypeID: number }[]
}

const uuidType = 2950
const textType = 25
const columnNames = (list: string): string[] =>
  [...list.matchAll(/"(\w+)"(?=\s*(?:,|$|\)| AS))/g)].map((found) => found[1] ?? '')

/**
 * A unit's connection that answers one table's INSERT and SELECT from memory, so that what is timed is the work of
 * the layers above it and nothing of a database. It keeps what was written, ciphertext as it was sent.
 */
export class TableInMemory {
  readonly rows: Record<string, unknown>[] = []

  /** As the type that lib/db expects; only the methods that Prisma's adapter and the door call are there. */
  asConnection(): Connection {
    const answering = {
      queryArray: (statement: Statement) => Promise.resolve(this.#answer(statement)),
      query: () => Promise.resolve({ rows: [] }),
    }
    return answering as unknown as Connection
  }

  #answer({ text, values = [] }: Statement): Answer {
    const insert = /^INSERT INTO "\w+"\."\w+" \(([^)]*)\).* RETURNING (.*)$/.exec(text)
    if (insert) {
      const names = columnNames(insert[1] ?? '')
      const row = Object.fromEntries(names.map((name, index) => [name, values[index]]))
      this.rows.push(row)
      return this.#pick('INSERT', insert[2] ?? '', [row])
    }
    const select = /^SELECT (.*?) FROM /.exec(text)
    if (!select) throw new Error('the table in memory knows INSERT and SELECT only')
    return this.#pick('SELECT', select[1] ?? '', this.rows)
  }

  #pick(command: string, list: string, rows: readonly Record<string, unknown>[]): Answer {
    const names = columnNames(list)
    return {
      command,
      rowCount: rows.length,
      rows: rows.map((row) => names.map((name) => row[name] ?? null)),
      fields: names.map((name) => ({ name, dataTypeID: name.endsWith('id') ? uuidType : textType })),
    }
  }
}
