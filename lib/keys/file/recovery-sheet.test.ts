import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonical, fromBase32, toBase32 } from './base32.ts'
import { lineText, readSheet, sheetCodes, sheetLines } from './recovery-sheet.ts'

const content = {
  keyring: `{"format":"vigil-keyring-1","sealed":"${randomBytes(400).toString('base64url')}"}\n`,
  credential: { kind: 'file', secret: randomBytes(32).toString('base64url') },
} as const
const lines = sheetLines(content).map(lineText)
const sheet = (printed: readonly string[]) =>
  ['Recovery sheet', '', ...printed, '', 'Keep it safe.'].join('\n')

describe('base 32', () => {
  test('gives bytes of any length back', () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = randomBytes(length)
      expect(Buffer.from(fromBase32(toBase32(bytes)) ?? []).equals(bytes), String(length)).toBe(true)
    }
  })

  test('reads what people write for 0 and 1, and nothing that is not in it', () => {
    const text = toBase32(Buffer.from('0123456789abcdef', 'hex'))
    expect(fromBase32(text.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual(fromBase32(text))
    expect(canonical('o iL 0')).toBe('0110')
    for (const wrong of ['U', '!', 'ABCDU', 'A']) expect(fromBase32(wrong)).toBeUndefined()
  })
})

describe('the sheet', () => {
  test('comes back from its lines: copied, typed, in any order, among other text', () => {
    expect(readSheet(sheet(lines))).toEqual({ format: 'vigil-recovery-1', ...content })
    expect(readSheet(sheet(lines.toReversed()))).toMatchObject(content)
    const typed = lines.map((line) => line.toLowerCase().replaceAll(/ +/g, ' ').replaceAll('0', 'o'))
    expect(() => readSheet(typed.join('\n')), 'the number of a line is no letter').toThrow(/recovery sheet/)
    const careless = lines.map((line) => line.slice(0, 3) + line.slice(3).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')) // prettier-ignore
    expect(readSheet(careless.join('\r\n'))).toMatchObject(content)
  })

  test('comes back from its codes', () => {
    const codes = sheetCodes(content)
    expect(codes.length).toBeGreaterThan(1)
    expect(
      codes.every((code) => /^[0-9A-Z $%*+./:-]+$/.test(code)),
      'the dense alphabet of QR codes',
    ).toBe(true)
    expect(readSheet(codes.toReversed().join('\n'))).toMatchObject(content)
    expect(() => readSheet(codes.slice(1).join('\n'))).toThrow('Code 1 of')
  })

  test('names the line with any one letter changed, two letters exchanged, or a line that is missing', () => {
    let named = 0
    for (const [at, line] of lines.entries()) {
      for (let place = 5; place < line.length; place += 7) {
        const letter = line[place] ?? ' '
        if (letter === ' ') continue
        const other = letter === '7' ? '8' : '7'
        const wrong = lines.with(at, line.slice(0, place) + other + line.slice(place + 1))
        expect(() => readSheet(sheet(wrong))).toThrow(`Line ${at + 1} is not as it was printed`)
        named += 1
      }
      const swapped = line.replace(/ ([0-9A-Z])([0-9A-Z])/, ' $2$1')
      if (swapped !== line)
        expect(() => readSheet(sheet(lines.with(at, swapped)))).toThrow(
          `Line ${at + 1} is not as it was printed`,
        )
      if (at < lines.length - 1)
        expect(() => readSheet(sheet(lines.toSpliced(at, 1)))).toThrow(
          `Line ${at + 1} of the sheet is missing`,
        )
    }
    expect(named).toBeGreaterThan(100)
    expect(() => readSheet(sheet(lines.slice(0, -1)))).toThrow(Error)
  })

  test('does not mix with another sheet, and is nothing else', () => {
    const other = sheetLines({ ...content, keyring: content.keyring.toUpperCase() }).map(lineText)
    expect(other[3]).not.toBe(lines[3])
    expect(() => readSheet(sheet(lines.with(3, other[3] ?? '')))).toThrow('do not go together')
    for (const text of ['', 'hello', '001  ABCDE  ABC', sheet([])])
      expect(() => readSheet(text)).toThrow(Error)
  })
})
