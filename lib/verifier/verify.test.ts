import { describe, expect, test } from 'vitest'

import { inWords, verifyArchive, verifyEvidence } from './verify.mjs'

const said = (entries: number, size: number, hidden?: number): string =>
  inWords({
    origin: 'clinic.example/audit',
    size,
    root: 'AAAA',
    entries,
    ...(hidden === undefined ? {} : { hidden }),
  })

describe('what was found', () => {
  test.each([
    [1, 1, undefined, 'OK: 1 entry is in the tree of 1 leaf that clinic.example/audit signed.\nRoot AAAA\n'],
    [2, 9, undefined, 'OK: 2 entries are in the tree of 9 leaves that clinic.example/audit signed.\nRoot AAAA\n'],
    [0, 9, undefined, 'OK: 0 entries are in the tree of 9 leaves that clinic.example/audit signed.\nRoot AAAA\n'],
  ])('of %i of %i is told by its number', (entries, size, hidden, words) => {
    expect(said(entries, size, hidden)).toBe(words)
  }) // prettier-ignore

  test('of the whole tree says what is not shown', () => {
    expect(said(3, 3, 0)).toContain('signed.\nNo leaf of it is left out.\nRoot')
    expect(said(3, 4, 1)).toContain('signed.\nThe other leaf is in the file as a hash.\nRoot')
    expect(said(3, 5, 2)).toContain('signed.\nThe other 2 leaves are in the file as hashes.\nRoot')
    // nothing shown: there is no "other"
    expect(said(0, 1, 1)).toContain('signed.\nThe leaf is in the file as a hash.\nRoot')
    expect(said(0, 5, 5)).toContain('signed.\nThe 5 leaves are in the file as hashes.\nRoot')
  })
})

describe('a file that is no evidence', () => {
  test.each(['', '{', 'null', '[]', '{"format":"vigil-evidence-1"}', '{"format":"vigil-evidence-2"}\nnull'])(
    '%j is refused in words, never in those of a parser',
    async (text) => {
      const key = 'clinic.example/audit+00000000+AAAA'
      const why = await verifyArchive(
        (async function* () {
          yield* text.split('\n')
        })(),
        key,
      ).catch((error: unknown) => error)
      for (const error of [why, caught(() => verifyEvidence(text, key))])
        expect(error).toMatchObject({
          constructor: Error,
          message: expect.stringMatching(/^(the file is damaged|this is not an|the verifier key is damaged)/),
        })
    },
  )
})

const caught = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return error
  }
}
