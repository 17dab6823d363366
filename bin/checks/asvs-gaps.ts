import { asvs, evidenceOf, pagesOf, sectionSizes } from './asvs-list.ts'
import type { Requirement } from './asvs-requirement.ts'

const literal = /(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/.source
/** `test('…`, `describe.each(rows)(…`; and the last line of `test.each([` … `])('…`. */
const titled = new RegExp(
  `^(?!\\s*(?://|\\*))(?:[^\\n]*?\\b(?:test|it|describe)(?:\\.\\w+(?:\\([^)]*\\))?)*|\\s*\\][^\\n]*\\))\\(\\s*${literal}`,
  'gm',
)

/** Whether a source has a test, or a group of tests, whose title has these words. A comment that has them is none. */
export function hasTestTitled(source: string, words: string): boolean {
  return [...source.matchAll(titled)].some((title) =>
    (title[1] ?? title[2] ?? title[3] ?? '').replaceAll(/\\(['"`])/g, '$1').includes(words),
  )
}

/** Whether a page has a heading that this anchor leads to, as GitHub makes anchors. Without an anchor the page is enough. */
export function hasHeading(page: string, anchor: string | undefined): boolean {
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return anchor === undefined || anchors.includes(anchor)
}

/**
 * What is wrong with the list itself: requirements that are missing, twice or not in the standard, and tests and pages that it names
 * and that are not there.
 * @param read the text of a file of the project, or undefined when there is none
 */
export function asvsGaps(
  read: (file: string) => string | undefined,
  list: readonly Requirement[] = asvs,
): string[] {
  const wanted = Object.entries(sectionSizes).flatMap(([section, size]) =>
    Array.from({ length: size }, (_, at) => `${section}.${at + 1}`),
  )
  const ids = list.map(({ id }) => id)
  const gaps = [
    ...wanted.filter((id) => !ids.includes(id)).map((id) => `${id} is missing`),
    ...ids
      .filter((id, at) => !wanted.includes(id) || ids.indexOf(id) !== at)
      .map((id) => `${id} is twice or unknown`),
  ]
  for (const one of list) {
    for (const [file, words] of evidenceOf(one)) {
      const source = read(file)
      if (source === undefined) gaps.push(`${one.id}: there is no ${file}`)
      else if (!hasTestTitled(source, words)) gaps.push(`${one.id}: no test “${words}” in ${file}`)
    }
    for (const page of pagesOf(one)) {
      const [file = '', anchor] = page.split('#')
      const text = read(file)
      if (text === undefined || !hasHeading(text, anchor)) gaps.push(`${one.id}: there is no ${page}`)
    }
  }
  return gaps
}
