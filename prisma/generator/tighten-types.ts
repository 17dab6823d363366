import { plainTypes, readPhiComment, tokenFieldsOf, type PhiField } from './read-phi-comment.ts'
import type { DmmfModel } from './dmmf.ts'

/** Directories of the schema `app` that a record points to, and that a unit of work may therefore name. */
const directories = new Set(['Practitioner', 'Organization'])

/**
 * Narrows the types that Prisma generated for one model, so that the compiler already refuses what the door would
 * refuse at run time: encrypted columns have their plain type where they are written and read, and are gone from
 * filters (unless they have an index), sorting and tokens; `select` and a limit are compulsory; ids are optional
 * because the door makes them. Types only: the run-time checks do not rely on it.
 */
export function tightenTypes(source: string, model: DmmfModel, models: readonly DmmfModel[]): string {
  if (model.schema !== 'phi' && !directories.has(model.name)) return source
  const listRelations = new Set(
    models.flatMap((other) =>
      other.fields
        .filter((field) => field.isList && field.kind === 'object')
        .map((field) => `${other.name}$${field.name}Args`),
    ),
  )
  let block = ''
  return source
    .split('\n')
    .flatMap((line) => {
      const start = /^export (?:type|interface) ([\w$]+)/.exec(line)
      if (start) block = start[1] ?? ''
      else if (line === '}') block = ''
      return tightenLine(line, block, listRelations, models)
    })
    .join('\n')
}

/** A count needs no limit, and takes its arguments from findMany's. */
const countArgs = /^( +)Omit<(\w+FindManyArgs), 'select' \| /

function tightenLine(
  line: string,
  block: string,
  listRelations: Set<string>,
  models: readonly DmmfModel[],
): string[] {
  if (block.endsWith('Args') && !/(Aggregate|GroupBy|Count)Args$|CountOutputType/.test(block)) {
    if (/^ {2}(omit|include)\?: /.test(line)) return []
    if (/^ {2}select\?: .* \| null$/.test(line))
      return [line.replace('select?:', 'select:').replace(/ \| null$/, '')]
    if (/^ {2}take\?: number$/.test(line) && (block.endsWith('FindManyArgs') || listRelations.has(block))) {
      return [line.replace('take?:', 'take:')]
    }
    return [line]
  }
  if (countArgs.test(line))
    return [line.replace(countArgs, "$1{ take?: number } & Omit<$2, 'take' | 'select' | ")]
  if (block.endsWith('Delegate')) return [line.replace(/(find\w+<.*>)\(args\?:/, '$1(args:')]
  if (/^\w+Select$/.test(block))
    return [line.replace(/^( {2}\w+\?: )boolean \| (Prisma\.\w+(?:\$\w+)?Args<)/, '$1false | $2')]
  return tightenField(line, block, ownerOf(block, models))
}

/** Blocks of one file may speak of its own model only, except payloads; the longest model name that starts the block. */
function ownerOf(block: string, models: readonly DmmfModel[]): DmmfModel | undefined {
  const name = block.replace(/^\$/, '')
  return models
    .filter((model) => name.startsWith(model.name))
    .sort((a, b) => b.name.length - a.name.length)
    .at(0)
}

function tightenField(line: string, block: string, model: DmmfModel | undefined): string[] {
  const named = /^ {2,4}(\w+)(\??): /.exec(line)
  const field = model?.fields.find((candidate) => candidate.name === named?.[1])
  if (block.endsWith('WhereUniqueInput'))
    return [line.replace(/ \| "\w+TokenEven"/g, '').replace(/"(\w+)Token"/g, '"$1"')].flatMap((text) =>
      model && field ? whereField(text, model, field.name) : [text],
    )
  if (!named || !model || !field) return [line]
  const phi = readPhiComment(model, field)
  if (/^\$\w+Payload$/.test(block)) {
    const nullable = line.trimEnd().endsWith('| null')
    return phi ? [`    ${field.name}: ${plainTypes[phi.type]}${nullable ? ' | null' : ''}`] : [line]
  }
  if (/Where(Unique)?Input$|ScalarWhere\w*Input$/.test(block)) return whereField(line, model, field.name)
  if (/OrderBy/.test(block)) return phi || isToken(model, field.name) ? [] : [line]
  if (/(Create|Update)\w*Input$/.test(block))
    return writeField(line, block, model, field.name, named[2] ?? '', phi)
  return [line]
}

function whereField(line: string, model: DmmfModel, name: string): string[] {
  if (isToken(model, name)) return []
  const field = model.fields.find((candidate) => candidate.name === name)
  if (!field || !readPhiComment(model, field)) return [line]
  return tokenFieldsOf(model, field).length > 0 ? [`  ${name}?: string | null | { in: string[] }`] : []
}

function writeField(
  line: string,
  block: string,
  model: DmmfModel,
  name: string,
  optional: string,
  phi: PhiField | undefined,
): string[] {
  if (isToken(model, name)) return []
  if (name === 'id' && /Create/.test(block)) return [line.replace(/^( +)id: /, '$1id?: ')]
  if (!phi) return [line]
  const field = model.fields.find((candidate) => candidate.name === name)
  const plain = plainTypes[phi.type]
  const type = field?.isRequired ? plain : `${plain} | null`
  // One value for many rows cannot be bound to its row, so many rows can only be cleared.
  if (
    /UpdateMany\w*Input$/.test(block) &&
    !/Without\w+NestedInput$/.test(block) &&
    /UpdateMany(Mutation)?Input$|UncheckedUpdateMany/.test(block)
  ) {
    return field?.isRequired ? [] : [`  ${name}?: null`]
  }
  return [/Update/.test(block) ? `  ${name}?: ${type} | { set: ${type} }` : `  ${name}${optional}: ${type}`]
}

function isToken(model: DmmfModel, name: string): boolean {
  return model.fields.some((field) => tokenFieldsOf(model, field).some((token) => token.name === name))
}
