import 'server-only'

import type { CellColumn } from '#lib/crypto/cell-column.ts'
import { fields } from '#lib/phi/fields.generated.ts'
import { models } from '#lib/phi/registry.ts'

/** A column of ciphertext by its name in the database, which may differ from the field's and from the id sealed into cells. */
export type SealedColumn = { readonly field: string; readonly cell: CellColumn }

/** A table with columns of ciphertext. */
export type SealedTable = {
  readonly table: string
  readonly model: string
  readonly columns: ReadonlyMap<string, SealedColumn>
  /** names of the fields by name of the column, as the database takes them for the trail */
  readonly fieldNames: Readonly<Record<string, string>>
}

type Generated = { readonly table: string; readonly encrypted: Readonly<Record<string, { column: string }>> }

/** Every table of the record that has columns of ciphertext, by its name in the database. */
export const sealedTables: ReadonlyMap<string, SealedTable> = new Map(
  [...models.values()]
    .filter((model) => model.encrypted.size > 0)
    .map((model) => {
      const { table, encrypted } = (fields as Readonly<Record<string, Generated>>)[model.name] as Generated
      const columns = new Map(
        [...model.encrypted.values()].map(({ name, cell }) => [
          encrypted[name]?.column ?? name,
          { field: name, cell },
        ]),
      )
      const fieldNames = Object.fromEntries([...columns].map(([column, { field }]) => [column, field]))
      return [table, { table, model: model.name, columns, fieldNames }]
    }),
)
