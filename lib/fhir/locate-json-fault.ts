const literals = ['true', 'false', 'null']
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const spacePattern = /[ \t\n\r]*/y

export type JsonFault = { offset: number; why: string }

/**
 * Finds the first place where a text stops being JSON (RFC 8259). `JSON.parse` says so too, but its message
 * quotes the text around the fault, and that text may be a patient's.
 * Offsets count UTF-16 units. Returns null for a text that is JSON after all.
 */
export function locateJsonFault(text: string): JsonFault | null {
  const closers: string[] = []
  let offset = 0
  let expectation = 'value' as 'value' | 'value or ]' | 'key' | 'key or }' | 'comma'

  const match = (pattern: RegExp) => {
    pattern.lastIndex = offset
    const found = pattern.exec(text)
    if (!found) return false
    offset += found[0].length
    return true
  }
  const fault = (why: string): JsonFault => ({ offset, why })
  const afterValue = () => {
    expectation = 'comma'
  }

  for (;;) {
    match(spacePattern)
    const character = text[offset]
    if (character === undefined) {
      if (expectation === 'comma' && closers.length === 0) return null
      return fault('the text ends in the middle')
    }
    const closer = closers.at(-1)
    if (expectation === 'comma') {
      if (closer === undefined) return fault('something follows the end of the JSON value')
      if (character === closer) {
        closers.pop()
        offset += 1
      } else if (character === ',') {
        offset += 1
        expectation = closer === '}' ? 'key' : 'value'
      } else {
        return fault(`a comma or "${closer}" is missing`)
      }
      continue
    }
    if (expectation === 'key' || expectation === 'key or }') {
      if (character === '}' && expectation === 'key or }') {
        closers.pop()
        offset += 1
        afterValue()
        continue
      }
      if (character !== '"') return fault('a name in double quotes is missing')
      if (!match(stringPattern)) return fault('a name is not a well-formed JSON string')
      match(spacePattern)
      if (text[offset] !== ':') return fault('a colon is missing after a name')
      offset += 1
      expectation = 'value'
      continue
    }
    if (character === ']' && expectation === 'value or ]') {
      closers.pop()
      offset += 1
      afterValue()
    } else if (character === '{') {
      closers.push('}')
      offset += 1
      expectation = 'key or }'
    } else if (character === '[') {
      closers.push(']')
      offset += 1
      expectation = 'value or ]'
    } else if (character === '"') {
      if (!match(stringPattern)) return fault('a string is not well-formed or has no end')
      afterValue()
    } else if (literals.some((literal) => text.startsWith(literal, offset))) {
      offset += text.startsWith('false', offset) ? 5 : 4
      afterValue()
    } else if (match(numberPattern)) {
      afterValue()
    } else {
      return fault('a value is missing or not JSON')
    }
  }
}
