import { attacks } from './attack-list.ts'

/** Files of tests by the number of the attack that their titles name. */
export type FilesByAttack = ReadonlyMap<number, readonly string[]>

/** `attack 07: …`; `attack 01–04: …` where one test is about several. */
const title = /^attack (\d\d)(?:–(\d\d))?: \S/

/** The attacks that the title of a test or of a group of tests names. */
export function attacksNamed(text: string): number[] {
  const match = title.exec(text)
  if (!match) return []
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at)
}

/** Finds the titles in sources, by what follows an opening quotation mark; other mentions, as in a comment, are no tests. */
export function findAttackTests(files: readonly string[], read: (file: string) => string): FilesByAttack {
  const found = new Map<number, string[]>()
  for (const file of files) {
    const numbers = new Set(
      [...read(file).matchAll(/['"`](attack \d\d[^\n]*)/g)].flatMap(([, text = '']) => attacksNamed(text)),
    )
    for (const number of numbers) found.set(number, [...(found.get(number) ?? []), file])
  }
  return found
}

/** What is wrong with the list and the tests: attacks without a test, and numbers that the list does not have. */
export function attackGaps(found: FilesByAttack): { untested: number[]; unlisted: number[] } {
  const listed = new Set(attacks.map(({ number }) => number))
  return {
    untested: [...listed].filter((number) => !found.has(number)),
    unlisted: [...found.keys()].filter((number) => !listed.has(number)).toSorted((a, b) => a - b),
  }
}

/** docs/attacks.md, from the list and the files that were found. */
export function describeAttacks(found: FilesByAttack): string {
  const lines = [
    '# Attacks and faults',
    '',
    'What the product was built against, and the tests that try it; each test is named by its number (`attack 07: …`). Tests show',
    'beside each attack that it would have worked: on a scheme with the hole planted, or past the safeguard. `npm test` ends with this',
    'list and how each number fared. Written by `npx vitest run bin/checks/attack-list.test.ts -u`; do not edit.',
  ]
  let group = ''
  for (const { number, group: own, what } of attacks) {
    if (own !== group)
      lines.push('', `## ${own}`, '', '|  | attack or fault | tried in |', '| --- | --- | --- |')
    group = own
    const files = (found.get(number) ?? []).map((file) => `\`${file}\``).join('<br>')
    lines.push(`| ${String(number).padStart(2, '0')} | ${what} | ${files === '' ? '**nowhere**' : files} |`)
  }
  return `${lines.join('\n')}\n`
}
