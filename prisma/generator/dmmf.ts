/** The part of Prisma's data model meta format that this generator reads. */
export type DmmfField = {
  name: string
  kind: 'scalar' | 'object' | 'enum' | 'unsupported'
  type: string
  isList: boolean
  isRequired: boolean
  isUnique: boolean
  documentation?: string
  dbName?: string | null
  relationName?: string
  relationFromFields?: string[]
  relationToFields?: string[]
}

export type DmmfModel = {
  name: string
  dbName: string | null
  schema: string | null
  fields: DmmfField[]
  uniqueIndexes: { name: string | null; fields: string[] }[]
  primaryKey: { name: string | null; fields: string[] } | null
}

export type Dmmf = { datamodel: { models: DmmfModel[] } }
