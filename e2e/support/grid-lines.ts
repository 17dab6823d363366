/** One answer of the grid, by what was asked (`GET /home own`), as whom, and with which session. */
export type GridAnswer = { what: string; state: string; who: string; answer: string }

const columns = ['patient', 'proxy', 'nurse', 'clinician', 'billing', 'admin', 'compliance', 'nobody']

/**
 * The grid as text: a heading for each door, and below it one line for each state of a session, with an answer for each role. States
 * with the same answers share a line. A dot stands where nothing was asked: a role that may, whose acts other tests try.
 */
export function gridLines(answers: readonly GridAnswer[]): string {
  const lines = [
    '# Every page, route and action, as every role, with every state of a session: the status that comes back;',
    '# 303 of an action leads to the end of the session. A dot: not asked, since other tests try what this role may do.',
    '# Made from the running product by `npx playwright test e2e/grid.e2e.ts -u`; the rule of each door is in e2e/doors.ts.',
    `# ${'whose things, session'.padEnd(92)}${columns.map((name) => name.padEnd(11)).join('')}`.trimEnd(),
  ]
  const doors = Map.groupBy(answers, ({ what }) => what.split(' ').slice(0, -1).join(' '))
  for (const [door, own] of doors) {
    lines.push('', door)
    const rows = Map.groupBy(own, ({ what, state }) => `${what.split(' ').at(-1) ?? ''}, ${state}`)
    const byAnswers = Map.groupBy(rows, ([, cells]) =>
      columns
        .map((column) => (cells.find(({ who }) => who === column)?.answer ?? '·').padEnd(11))
        .join('')
        .trimEnd(),
    )
    for (const [cells, same] of byAnswers) {
      lines.push(`  ${shared(same.map(([name]) => name)).padEnd(92)}${cells}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** `own, idle` and `own, ended` as `own, idle + ended`. */
function shared(names: readonly string[]): string {
  const byWhose = Map.groupBy(names, (name) => name.split(', ')[0] ?? '')
  return [...byWhose]
    .map(([whose, all]) => `${whose}, ${all.map((name) => name.split(', ')[1] ?? '').join(' + ')}`)
    .join('; ')
}
