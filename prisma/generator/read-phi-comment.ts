import type { DmmfField, DmmfModel } from './dmmf.ts'

/** TypeScript's name for what a column of each type holds in plain text. */
export const plainTypes = {
  string: 'string',
  date: 'string',
  timestamp: 'string',
  integer: 'number',
  number: 'number',
  decimal: 'string',
  boolean: 'boolean',
  json: "import('#lib/crypto/cell-column.ts').JsonValue",
  bytes: 'Uint8Array',
} as const
export type PlainType = keyof typeof plainTypes

export type PhiField = { id: string; type: PlainType; pad: 0 | 16 | 32 | 64 }

const pads = [0, 16, 32, 64] as const

/**
 * What a `/// @phi(type=date, pad=16)` comment says about a field; undefined for a field that stays plain.
 * The column's id is made from the names of model and field. When one of them is renamed, `id=patient.old-name` keeps
 * the old id, because it is sealed into every cell.
 * @throws Error for an option that is not known: a typing error must not store a value the wrong way
 */
export function readPhiComment(model: DmmfModel, field: DmmfField): PhiField | undefined {
  const comment = /@phi(?:\(([^)]*)\))?/.exec(field.documentation ?? '')
  if (!comment) return undefined
  const place = `${model.name}.${field.name}`
  if (field.type !== 'String' || field.isList)
    throw new Error(`${place} is marked @phi, so it must be a String`)
  const phi: PhiField = { id: `${kebab(model.name)}.${kebab(field.name)}`, type: 'string', pad: 0 }
  for (const option of (comment[1] ?? '').split(',').map((text) => text.trim())) {
    if (option === '') continue
    const [name, value = ''] = option.split('=')
    const pad = pads.find((block) => String(block) === value)
    if (name === 'type' && isPlainType(value)) phi.type = value
    else if (name === 'pad' && pad !== undefined) phi.pad = pad
    else if (name === 'id' && /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/.test(value)) phi.id = value
    else throw new Error(`${place} has an option of @phi that does not exist: ${option}`)
  }
  return phi
}

/**
 * Index columns beside an encrypted one, by naming rule: `codeToken`; or `mrnToken` and `mrnTokenEven` for tokens of odd and even
 * key versions, in this order.
 * @throws Error for a unique token without its second column: duplicates could slip in while an index key is replaced
 */
export function tokenFieldsOf(model: DmmfModel, field: DmmfField): DmmfField[] {
  const named = (name: string) =>
    model.fields.find((other) => other.name === name && other.type === 'Bytes') ?? []
  const fields = [named(`${field.name}Token`), named(`${field.name}TokenEven`)].flat()
  if (fields.length === 1 && fields[0]?.isUnique)
    throw new Error(`${model.name}.${field.name} has a unique token, so it needs ${field.name}TokenEven`)
  return fields
}

function isPlainType(text: string): text is PlainType {
  return Object.hasOwn(plainTypes, text)
}

function kebab(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
}
