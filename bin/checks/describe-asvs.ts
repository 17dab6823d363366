import { asvs, evidenceOf, pagesOf, verdictOf } from './asvs-list.ts'
import type { Requirement } from './asvs-requirement.ts'

const chapters: readonly (readonly [start: string, title: string])[] = [
  ['6.', 'V6 Authentication'],
  ['7.', 'V7 Session management'],
  ['10.', 'V10 OAuth and OpenID Connect'],
]

/** docs/asvs.md, from the list. */
export function describeAsvs(list: readonly Requirement[] = asvs): string {
  const lines = [
    '# OWASP ASVS 5.0: who gets in',
    '',
    'Each requirement of chapters V6, V7 and V10 of the [OWASP Application Security Verification Standard 5.0.0](https://github.com/OWASP/ASVS/tree/master/5.0),',
    'told in our own words; the standard’s text is what counts. “Passed” means that the tests named beside it passed: `npm test` ends with',
    'this list, looks each of them up in the reports of its run, and fails when one failed, did not run, or is not there.',
    '“Written” means that the requirement asks for a page, and names it. Written by `npx vitest run bin/checks/asvs.test.ts -u`; do not edit.',
    '',
    '|  | level 1 | level 2 | level 3 |',
    '| --- | --- | --- | --- |',
    ...(['passed', 'written', 'not applicable', 'open'] as const).map(
      (verdict) =>
        `| ${verdict} | ${([1, 2, 3] as const)
          .map((level) => list.filter((one) => one.level === level && verdictOf(one) === verdict).length)
          .join(' | ')} |`,
    ),
  ]
  for (const [start, title] of chapters) {
    lines.push(
      '',
      `## ${title}`,
      '',
      '|  | level | requirement | result | shown by |',
      '| --- | --- | --- | --- | --- |',
    )
    for (const one of list.filter(({ id }) => id.startsWith(start)))
      lines.push(`| ${one.id} | ${one.level} | ${cell(one.what)} | ${verdictOf(one)} | ${shownBy(one)} |`)
  }
  return `${lines.join('\n')}\n`
}

function shownBy(one: Requirement): string {
  const parts = [
    ...evidenceOf(one).map(([file, words]) => `\`${file}\`: ${cell(words)}`),
    ...pagesOf(one).map((page) => `[${page}](${page.replace(/^docs\//, '')})`),
  ]
  if ('open' in one) parts.unshift(`**open**: ${cell(one.open)}`)
  else if ('notApplicable' in one) parts.push(cell(one.notApplicable))
  else if (one.note !== undefined) parts.push(cell(one.note))
  return parts.join('<br>')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
