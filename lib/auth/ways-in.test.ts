import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listSourceFiles } from '#lib/testing/list-source-files.ts'

/** The methods that the newest migration lets app.session have. */
function methodsOfTheDatabase(): string[] {
  const checks = listSourceFiles(/^prisma\/migrations\/.*\.sql$/).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/session_method_check CHECK \(method IN \(([^)]*)\)\)/g)].flatMap(
      ([, list]) => list ?? [],
    ),
  )
  return [...(checks.at(-1) ?? '').matchAll(/'([^']+)'/g)].flatMap(([, method]) => method ?? [])
}

test('every method by which the database opens a session is a way in that docs/ways-in.md tells of', () => {
  const [, signingIn = ''] = readFileSync('docs/ways-in.md', 'utf8').split(/^## /m)
  const told = new Set(
    [...signingIn.matchAll(/^\|[^|]*\| `([a-z-]+)`/gm)].flatMap(([, method]) => method ?? []),
  )
  const methods = methodsOfTheDatabase()
  expect(methods).toContain('passkey')
  expect(methods.filter((method) => !told.has(method))).toEqual([])
})
