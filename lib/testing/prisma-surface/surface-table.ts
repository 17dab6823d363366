import type { SurfaceArea, SurfaceCase } from './case.ts'

/**
 * The table of docs/encryption.md, in the form that prettier gives it.
 * @param refusals what each refused call was answered
 */
export function surfaceTable(
  areas: readonly SurfaceArea[],
  refusals: ReadonlyMap<SurfaceCase, string>,
): string {
  const parts = areas.map(({ title, cases }) => {
    const rows = cases.map((of) => [
      /^\$?\w+(?:\(.*\))?$/.test(of.call) ? `\`${of.call}\`` : of.call,
      of.comes === 'right' ? 'right' : '**refused**',
      of.comes === 'right' ? of.how : `${of.how} (“${refusals.get(of) ?? ''}”)`,
    ])
    return `### ${title}\n\n${table([['Call', 'Answer', 'How or why'], ...rows])}`
  })
  return `\n${parts.join('\n\n')}\n\n`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join(
    '\n',
  )
}
