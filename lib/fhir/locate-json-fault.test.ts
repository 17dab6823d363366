import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { locateJsonFault } from './locate-json-fault.ts'

const isJson = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('finding the fault in a text that is not JSON', () => {
  test('finds one exactly where JSON.parse would', () => {
    const text = fc
      .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), fc.nat({ max: 3 }))
      .map(([json, at, put, cut]) => {
        const place = at % (json.length + 1)
        return json.slice(0, place) + put + json.slice(place + cut)
      })
    fc.assert(
      fc.property(text, (broken) => {
        expect(locateJsonFault(broken) === null).toBe(isJson(broken))
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['{"a": 1,}', 8],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['{"a": tru}', 6],
    ['"\u0001"', 0],
    ['[1]]', 3],
    ['', 0],
    ['[01]', 2],
  ])('%s breaks at %i', (text, offset) => {
    expect(locateJsonFault(text)?.offset).toBe(offset)
  })
})
