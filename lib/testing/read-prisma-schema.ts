import { readFileSync } from 'node:fs'

/** One column of a table as prisma/schema.prisma describes it. `sealed` columns hold ciphertext (`/// @phi`). */
export type SchemaColumn = { table: string; column: string; sealed: boolean }

/**
 * The columns of all tables of one database schema, read from the text of prisma/schema.prisma: Prisma's own run-time model
 * no longer carries the comments.
 */
export function readPrismaSchema(schema: string): SchemaColumn[] {
  const text = readFileSync('prisma/schema.prisma', 'utf8')
  const blocks = [...text.matchAll(/^model (\w+) \{\n([^]*?)^\}/gm)].map(([, name = '', body = '']) => ({
    name,
    lines: body.split('\n').map((line) => line.trim()),
  }))
  const models = new Set(blocks.map((block) => block.name))
  return blocks
    .filter((block) => block.lines.includes(`@@schema("${schema}")`))
    .flatMap(({ name, lines }) => {
      const table = /@@map\("(\w+)"\)/.exec(lines.join('\n'))?.[1] ?? name
      return lines.flatMap((line, index) => {
        const [, field, type] = /^(\w+)\s+(\w+)/.exec(line) ?? []
        if (!field || !type || models.has(type)) return []
        const column = /@map\("(\w+)"\)/.exec(line)?.[1] ?? field
        return [{ table, column, sealed: isMarked(lines, index) }]
      })
    })
}

/** Whether one of the comment lines right above a field marks it as protected. */
function isMarked(lines: string[], index: number): boolean {
  for (let above = index - 1; lines[above]?.startsWith('///'); above--) {
    if (/^\/\/\/ @phi\b/.test(lines[above] ?? '')) return true
  }
  return false
}
