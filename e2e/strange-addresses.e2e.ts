import { expect, test } from '@playwright/test'
import { addressOf, openPages } from './support/addresses.ts'
import { ask } from './support/ask.ts'
import { inParallel } from './support/in-parallel.ts'
import { sessionOf, type Person } from './support/people.ts'

// Whatever stands behind the question mark, a page that opens without it opens with it: no address makes it look as if the product
// had failed, and none calls up words that are not the page's own.

/** Every name that a page of ours reads out of its address. */
const names = [
  'after', 'at', 'before', 'by', 'direction', 'done', 'ended', 'find', 'from', 'kind', 'month', 'notice', 'own', 'period', 'range',
  'reason', 'role', 'search', 'show', 'sort', 'to', 'view',
] // prettier-ignore

/** What every object has without being asked, days and months that are none, characters that no database keeps, too much, and twice. */
const values = [
  'constructor',
  '__proto__',
  '2026-02-31',
  '0000-01-01',
  '2026-13',
  '\0',
  '\ud800',
  '%',
  '-1',
  'x'.repeat(400),
]
const queries = [
  ...values.map((value) => names.map((name) => [name, value] as const)),
  names.flatMap((name) => [[name, 'one'] as const, [name, 'two'] as const]),
].map((pairs) => new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString())

test('every page opens whatever its address asks for', async () => {
  const tokens = new Map<Person, string>()
  for (const { person } of openPages())
    if (person && !tokens.has(person)) tokens.set(person, await sessionOf(person))
  const questions = openPages().flatMap(({ path, person }) =>
    queries.map((query) => ({ path, person, query })),
  )
  const failed = await inParallel(questions, 6, async ({ path, person, query }) => {
    const address = await addressOf(path)
    const { status, body } = await ask(`${address}${address.includes('?') ? '&' : '?'}${query}`, {
      token: person ? tokens.get(person) : undefined,
      keepAlive: true,
    })
    const broken = status >= 500 || body.includes('did not load') || body.includes('data-dgst')
    return broken ? `${status} ${path}?${query.slice(0, 60)}` : ''
  })
  expect(failed.filter((each) => each !== '')).toEqual([])
  expect(questions.length).toBeGreaterThan(300)
})
