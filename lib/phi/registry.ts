import 'server-only'

import { cellColumn, type CellColumn } from '#lib/crypto/cell-column.ts'
import { fields } from './fields.generated.ts'
import { RefusedQuery } from './record-error.ts'
import { recordModels } from './record-client.ts'

/** An encrypted column. */
export type EncryptedField = {
  readonly name: string
  readonly cell: CellColumn
  readonly required: boolean
  /** the columns with its keyed tokens, where it can be searched by: one, or one for odd and one for even key versions */
  readonly tokens: readonly string[]
}

export type Relation = {
  readonly name: string
  readonly model: string
  readonly list: boolean
  /** whether the foreign key stands in this model's own row */
  readonly holdsKey: boolean
  /** fields of this model and, in the same order, of the other one */
  readonly fields: readonly string[]
  readonly references: readonly string[]
  readonly inverse: string
}

/** What the layer knows about a model, from schema.prisma by way of the generator. */
export type Model = {
  readonly name: string
  readonly delegate: string
  /** field that names the patient whose keys protect the row; null for the plain directories */
  readonly owner: 'id' | 'patientId' | null
  readonly encrypted: ReadonlyMap<string, EncryptedField>
  /** names of the token columns, which only this layer writes */
  readonly tokens: ReadonlySet<string>
  readonly plain: ReadonlyMap<string, string>
  readonly relations: ReadonlyMap<string, Relation>
  /** fields that each name one row alone; an encrypted one does by its token */
  readonly uniqueFields: ReadonlySet<string>
  /** fields of each compound unique key, by Prisma's name for it */
  readonly uniques: ReadonlyMap<string, readonly string[]>
}

type Generated = {
  delegate: string
  owner: string | null
  encrypted: Record<
    string,
    {
      id: string
      type: CellColumn['type']
      pad: CellColumn['pad']
      required: boolean
      tokens: readonly string[]
    }
  >
  plain: Record<string, string>
  relations: Record<string, Omit<Relation, 'name'>>
  uniques: Record<string, readonly string[]>
}

const reachable = new Set<string>(recordModels)

/** Every model that a unit of work may name, by its name in the schema. */
export const models: ReadonlyMap<string, Model> = new Map(
  Object.entries(fields as Record<string, Generated>)
    .filter(([, generated]) => reachable.has(generated.delegate))
    .map(([name, generated]) => [name, describe(name, generated)]),
)

/**
 * The description of a model.
 * @throws RefusedQuery for a model that no unit of work may name (accounts, sessions, tokens, history)
 */
export function modelOf(name: string): Model {
  const model = models.get(name)
  if (!model) throw new RefusedQuery(name, 'this model is not part of a record')
  return model
}

/** Words of Prisma's own that an error may repeat. */
const prismaWords = new Set([
  'select', 'include', 'omit', 'where', 'data', 'take', 'skip', 'cursor', 'orderBy', 'distinct', 'create', 'update', 'connect',
  'connectOrCreate', 'disconnect', 'set', 'delete', 'deleteMany', 'updateMany', 'createMany', 'upsert', 'limit', '_count',
  'skipDuplicates', 'relationLoadStrategy', 'aggregate', 'groupBy', '$queryRaw', '$executeRaw', '$queryRawUnsafe',
  '$executeRawUnsafe',
]) // prettier-ignore

/** A key as an error may name it. One that is no name of the schema's may be a value that got into the wrong place. */
export function nameOf(model: Model, key: string): string {
  const known =
    model.encrypted.has(key) || model.plain.has(key) || model.relations.has(key) || prismaWords.has(key)
  return known ? key : 'an unknown name'
}

function describe(name: string, generated: Generated): Model {
  const encrypted = new Map(
    Object.entries(generated.encrypted).map(([field, of]) => [
      field,
      { name: field, cell: cellColumn(of.id, of.type, of.pad), required: of.required, tokens: of.tokens },
    ]),
  )
  const single = new Set(Object.values(generated.uniques).flatMap((of) => (of.length === 1 ? of : [])))
  return {
    name,
    delegate: generated.delegate,
    owner: generated.owner === 'id' || generated.owner === 'patientId' ? generated.owner : null,
    encrypted,
    tokens: new Set([...encrypted.values()].flatMap((field) => field.tokens)),
    plain: new Map(Object.entries(generated.plain)),
    relations: new Map(
      Object.entries(generated.relations).map(([field, of]) => [field, { name: field, ...of }]),
    ),
    uniqueFields: new Set([
      'id',
      ...[...encrypted.values()].flatMap((field) =>
        field.tokens.some((token) => single.has(token)) ? field.name : [],
      ),
    ]),
    uniques: new Map(Object.entries(generated.uniques).filter(([, of]) => of.length > 1)),
  }
}
