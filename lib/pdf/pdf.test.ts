import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPdf, type PdfElement, type ReadPdf } from '#lib/testing/read-pdf.ts'
import { finishPdf } from './finish-pdf.ts'
import { openPdf } from './open-pdf.ts'
import type { Pdf } from './pdf.ts'
import { glyphsOf, scriptRanges } from './font-files.ts'
import { splitByScript } from './split-by-script.ts'
import { wrapText } from './wrap-text.ts'
import { writeFacts } from './write-facts.ts'
import { writeHeading } from './write-heading.ts'
import { writeList } from './write-list.ts'
import { writeParagraph } from './write-paragraph.ts'
import { writeTable } from './write-table.ts'

const createdAt = new Date('2026-03-03T07:14:00Z')

async function made(write: (pdf: Pdf) => Promise<void> | void): Promise<ReadPdf & { bytes: Buffer }> {
  const pdf = openPdf({ title: 'Accounting of disclosures', createdAt, footer: 'Made for the patient' })
  const bytes = buffer(pdf.output)
  await write(pdf)
  finishPdf(pdf)
  const file = await bytes
  return { ...readPdf(file), bytes: file }
}

const all = (elements: PdfElement[]): PdfElement[] =>
  elements.flatMap((element) => [element, ...all(element.children)])
const tagged = (read: ReadPdf, tag: string) => all(read.elements).filter((element) => element.tag === tag)
const words = (text: string) => text.replace(/\s+/g, ' ').trim()

const letter = (pdf: Pdf): Promise<void> => {
  writeHeading(pdf, 1, 'Accounting of disclosures')
  writeParagraph(pdf, 'To whom we gave your information.')
  writeFacts(pdf, [{ label: 'Patient', value: 'Maria Reyes' }])
  writeHeading(pdf, 2, 'What is not listed')
  writeList(pdf, ['Treatment', 'Payment'])
  const rows = Array.from({ length: 90 }, (_, index) => [`Row ${index}`, `Board of health ${index}`])
  const columns = [
    { heading: 'Date', share: 1 },
    { heading: 'To whom', share: 3 },
  ]
  return writeTable(pdf, { caption: 'Disclosures', columns, rows })
}

describe('a PDF that can be read aloud', () => {
  test('names what each piece of text is, in reading order', async () => {
    const read = await made(letter)
    expect(read.pages).toBeGreaterThan(2)
    expect(read.elements.map(({ tag }) => tag)).toEqual(['Document'])
    expect(read.elements[0]?.children.map(({ tag }) => tag)).toEqual(['H1', 'P', 'L', 'H2', 'L', 'Table'])
    expect(tagged(read, 'Lbl').map(({ text }) => words(text))).toEqual(['Patient', '•', '•'])
    expect(tagged(read, 'LBody').map(({ text }) => words(text))).toEqual(['Maria Reyes', 'Treatment', 'Payment'])
    const heads = tagged(read, 'TH')
    expect(heads.slice(0, 2).map(({ text, scope }) => [words(text), scope])).toEqual([['Date', 'Column'], ['To whom', 'Column']])
    expect(heads.slice(2).every(({ scope }) => scope === 'Row')).toBe(true)
    expect(tagged(read, 'TR')).toHaveLength(91)
    expect(words(tagged(read, 'TD').at(-1)?.text ?? '')).toBe('Board of health 89')
  }) // prettier-ignore

  test('leaves no text untagged; page numbers and repeated headings are no content', async () => {
    const read = await made(letter)
    expect(read.untagged).toBe('')
    expect(read.artifacts).toContain('Made for the patient Page 1')
    expect(read.artifacts).toContain('Date To whom')
    expect(read.text).not.toContain('Page 1')
    // The control: text that is drawn past the writers is seen as untagged.
    const careless = await made((pdf) => {
      pdf.document.text('careless', 60, 300)
    })
    expect(careless.untagged).toBe('careless')
  })

  test('says that it is PDF/UA, its language, and shows its title', async () => {
    const read = await made(letter)
    expect(read.catalog).toMatch(/\/Lang \(en-US\)/)
    expect(read.catalog).toMatch(/\/MarkInfo|\/StructTreeRoot/)
    expect(read.metadata).toContain('<pdfuaid:part>1</pdfuaid:part>')
    expect(read.bytes.toString('latin1')).toContain('/DisplayDocTitle true')
    expect(read.bytes.toString('latin1')).not.toContain('Helvetica')
  })

  test('holds nothing of its content in the metadata', async () => {
    const read = await made(letter)
    const said = `${read.info}\n${read.metadata}\n${read.catalog}`
    expect(said).toContain('Accounting of disclosures')
    for (const word of ['Maria', 'Reyes', 'Treatment', 'health', 'Made for']) expect(said).not.toContain(word)
    expect(read.text).toContain('Maria Reyes')
  })
})

describe('text', () => {
  test('of several alphabets is written; what no font has is said', async () => {
    const read = await made((pdf) => writeParagraph(pdf, 'Łukasz Żółć, Ελλάδα, Привет, Nguyễn'))
    expect(words(read.text)).toBe('Łukasz Żółć, Ελλάδα, Привет, Nguyễn')
    const missing = await made((pdf) => writeParagraph(pdf, '王秀英'))
    expect(words(missing.text)).toMatch(/^\?\?\? Some letters could not be printed/)
  })

  test('is written the same whether an accent is a part of its letter or stands behind it', () => {
    for (const name of ['Dvořák', 'Łukasz Żółć', 'Nguyễn', 'Šťastný', 'Τάκης'])
      expect(splitByScript(name.normalize('NFD')), name).toEqual(splitByScript(name.normalize('NFC')))
    expect(splitByScript('Dvořák'.normalize('NFD')).replaced).toBe(false)
  })

  test('has a glyph for every letter that it does not replace, in both weights', () => {
    // Every character that some file of the font is listed for, though not every one of them is drawn in it.
    const listed = scriptRanges().flatMap(({ ranges }) =>
      ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at))),
    ) // prettier-ignore
    let replacedOnes = 0
    for (const character of listed) {
      const { runs, replaced } = splitByScript(character)
      if (replaced) replacedOnes += 1
      for (const { script, text } of runs)
        for (const weight of [400, 600] as const)
          for (const each of text)
            expect(glyphsOf(script, weight).has(each.codePointAt(0) ?? 0), `${character} as ${each}`).toBe(
              true,
            )
    }
    // The control: the package lists hundreds that the files do not draw.
    expect(replacedOnes).toBeGreaterThan(500)
    expect(splitByScript('\u{1d00}')).toEqual({ runs: [{ script: 'latin', text: '?' }], replaced: true })
  })

  test('keeps its hyphens, whichever of them a name was typed with', () => {
    const { runs, replaced } = splitByScript('Smith\u2010Jones, Smith\u2011Jones, 3\u20125')
    expect(runs).toEqual([{ script: 'latin', text: 'Smith-Jones, Smith-Jones, 3-5' }])
    expect(replaced).toBe(false)
  })

  test('with ligatures is read letter by letter, and so is what comes after them', async () => {
    const read = await made((pdf) => writeParagraph(pdf, 'office fjord afflict offset 0/Ax=Q "Osei; None"'))
    expect(words(read.text)).toBe('office fjord afflict offset 0/Ax=Q "Osei; None"')
  })

  test('cannot turn the letters around it', () => {
    const { runs } = splitByScript('a\u202Eb\u0000c\u200Bd\te')
    expect(runs).toEqual([{ script: 'latin', text: 'abcd e' }])
  })

  test('is wrapped without losing a letter, and no line is too long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrapText(text, width, (piece) => [...piece].length)
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width)
      }),
    )
  })

  test('goes on right below a value that runs over to the next page', async () => {
    const read = await made((pdf) => {
      pdf.document.y = 560
      const long = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ')
      writeFacts(pdf, [
        { label: 'What was given', value: long },
        { label: 'Why', value: 'Because it was asked for' },
      ])
      expect(pdf.pageNumber).toBe(2)
      // A few lines of the value and one of the next fact, not the length of the page before.
      expect(pdf.document.y).toBeLessThan(300)
    })
    expect(read.pages).toBe(2)
  })

  test('of a row higher than a page goes on on the next, whole', async () => {
    const long = Array.from({ length: 1500 }, (_, index) => `word${index}`).join(' ')
    const columns = [
      { heading: 'A', share: 1 },
      { heading: 'B', share: 1 },
    ]
    const read = await made((pdf) => writeTable(pdf, { caption: 'Long', columns, rows: [['x', long]] }))
    expect(words(tagged(read, 'TD')[0]?.text ?? '') === long).toBe(true)
    expect(read.pages).toBeGreaterThan(1)
  })
})
