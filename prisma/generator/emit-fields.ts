import { createHash } from 'node:crypto'
import { readPhiComment, tokenFieldsOf } from './read-phi-comment.ts'
import type { DmmfField, DmmfModel } from './dmmf.ts'

/**
 * The text of lib/phi/fields.generated.ts: for every model its table, the way to its owner, its encrypted fields, its
 * plain fields, its relations and its unique keys.
 * @param schemaDigest SHA-256 of schema.prisma in hex; a test compares it, so that the file cannot fall behind
 */
export function emitFields(models: readonly DmmfModel[], schemaDigest: string): string {
  const registry = Object.fromEntries(models.map((model) => [model.name, describe(model, models)]))
  const body = `export const fields = ${JSON.stringify(registry, null, 2)} as const\n`
  const digest = createHash('sha256').update(body).digest('hex')
  return [
    '// Written by prisma/generator from schema.prisma; run `npx prisma generate` after a change. Do not edit.',
    `export const schemaDigest = '${schemaDigest}'`,
    `export const bodyDigest = '${digest}'`,
    '',
    body,
  ].join('\n')
}

function describe(model: DmmfModel, models: readonly DmmfModel[]) {
  const encrypted: Record<string, object> = {}
  const plain: Record<string, string> = {}
  const relations: Record<string, object> = {}
  for (const field of model.fields) {
    const phi = readPhiComment(model, field)
    if (phi)
      encrypted[field.name] = {
        ...phi,
        column: field.dbName ?? field.name,
        required: field.isRequired,
        tokens: tokenFieldsOf(model, field).map((token) => token.name),
      }
    else if (field.kind === 'object') relations[field.name] = describeRelation(model, field, models)
    else plain[field.name] = field.isList ? `${field.type}[]` : field.type
  }
  return {
    delegate: model.name.charAt(0).toLowerCase() + model.name.slice(1),
    schema: model.schema,
    table: model.dbName ?? model.name,
    owner: ownerField(model),
    id: model.fields.some((field) => field.name === 'id' && field.type === 'String') ? 'id' : null,
    encrypted,
    plain,
    relations,
    uniques: describeUniques(model),
  }
}

/** Which field of the row names the patient whose keys protect it. */
function ownerField(model: DmmfModel): string | null {
  if (model.schema !== 'phi') return null
  if (model.name === 'Patient') return 'id'
  if (!model.fields.some((field) => field.name === 'patientId' && field.isRequired)) {
    throw new Error(`${model.name} is in schema phi and has no patientId`)
  }
  return 'patientId'
}

function describeRelation(model: DmmfModel, field: DmmfField, models: readonly DmmfModel[]) {
  const other = models.find((candidate) => candidate.name === field.type)
  const inverse = other?.fields.find(
    (candidate) =>
      candidate.relationName === field.relationName && candidate.type === model.name && candidate !== field,
  )
  if (!other || !inverse) throw new Error(`${model.name}.${field.name} has no other side`)
  const here = field.relationFromFields ?? []
  return here.length > 0
    ? {
        model: other.name,
        list: field.isList,
        holdsKey: true,
        fields: here,
        references: field.relationToFields ?? [],
        inverse: inverse.name,
      }
    : {
        model: other.name,
        list: field.isList,
        holdsKey: false,
        fields: inverse.relationToFields ?? [],
        references: inverse.relationFromFields ?? [],
        inverse: inverse.name,
      }
}

function describeUniques(model: DmmfModel): Record<string, string[]> {
  const single = model.fields
    .filter((field) => field.isUnique)
    .map((field) => [field.name, [field.name]] as const)
  const compound = [...model.uniqueIndexes, ...(model.primaryKey ? [model.primaryKey] : [])].map(
    (index) => [index.name ?? index.fields.join('_'), index.fields] as const,
  )
  return Object.fromEntries([...single, ...compound])
}
