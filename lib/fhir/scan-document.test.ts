import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DocumentScanner } from './scan-document.ts'
import { SourceFault } from './source-fault.ts'

const scan = (text: string, chunkBytes: number) => {
  const bytes = Buffer.from(text)
  const scanner = new DocumentScanner()
  const entries = []
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    // The scanner must not keep the reader's memory, which is filled again.
    const chunk = Buffer.from(bytes.subarray(from, from + chunkBytes))
    for (const entry of scanner.feed(chunk)) entries.push({ ...entry, bytes: Buffer.from(entry.bytes) })
    chunk.fill(0)
  }
  return { entries, skeleton: scanner.finish() }
}

describe('cutting a bundle into entries', () => {
  test('gives the same entries and the same rest as parsing it whole, wherever the chunks end', () => {
    const key = fc.oneof(fc.constant('entry'), fc.constant('a"b\\'), fc.string())
    const value = fc.jsonValue({ maxDepth: 4 })
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { maxLength: 5 }),
        fc.dictionary(
          key.filter((name) => name !== 'entry'),
          value,
          { maxKeys: 3 },
        ),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, 1, '\t'),
        (entry, rest, chunkBytes, space) => {
          // `__proto__` as a name is data to JSON and not to an object literal.
          const whole = { ...rest, entry, last: { entry: [1] } }
          const text = JSON.stringify(whole, null, space)
          const { entries, skeleton } = scan(text, chunkBytes)
          expect(entries.map(({ bytes }) => JSON.parse(bytes.toString()) as unknown)).toEqual(
            JSON.parse(JSON.stringify(entry)),
          )
          expect(JSON.parse(skeleton.bytes.toString())).toEqual({
            ...(JSON.parse(text) as object),
            entry: entry.map(() => ({})),
          })
          for (const { bytes, offset, line } of entries) {
            expect(
              Buffer.from(text)
                .subarray(offset, offset + bytes.length)
                .equals(bytes),
            ).toBe(true)
            expect(Buffer.from(text).subarray(0, offset).toString().split('\n')).toHaveLength(line)
          }
        },
      ),
    )
  })

  test('says where a file stops in the middle', () => {
    expect(() => scan('{"entry": [\n{"resource": {}},\n{"resource"', 7)).toThrow(
      new SourceFault('line 3', 'the file ends in the middle of entry[1] (begun on line 3)'),
    )
  })

  test('refuses what is nested to hurt whoever walks it', () => {
    expect(() => scan('['.repeat(300), 64)).toThrow(SourceFault)
  })
})
