import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import PDFDocument from 'pdfkit'

/** Alphabets that Source Sans 3 comes in, in the order in which a character is looked for. */
export const scripts = [
  'latin',
  'latin-ext',
  'greek',
  'greek-ext',
  'cyrillic',
  'cyrillic-ext',
  'vietnamese',
] as const
export type Script = (typeof scripts)[number]
export type Weight = 400 | 600

const folder = path.join('node_modules', '@fontsource', 'source-sans-3')

/** The package lies beside the sources; in a build of Next, beside the place that the process runs in. */
function fontFolder(): string {
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', folder)
  return existsSync(beside) ? beside : path.join(/* turbopackIgnore: true */ process.cwd(), folder)
}

const files = new Map<string, Buffer>()

/** The font file of one alphabet and weight (Source Sans 3, SIL Open Font License). */
export function fontFile(script: Script, weight: Weight): Buffer {
  const name = `source-sans-3-${script}-${weight}-normal.woff`
  const known = files.get(name)
  if (known) return known
  const file = readFileSync(path.join(fontFolder(), 'files', name))
  files.set(name, file)
  return file
}

const glyphs = new Map<string, ReadonlySet<number>>()

/**
 * The code points that one file draws. The package lists ranges by which a browser chooses a file, and some hundred
 * characters in them are in no file: what is written in one of those is an empty box, or nothing.
 */
export function glyphsOf(script: Script, weight: Weight): ReadonlySet<number> {
  const name = `${script}-${weight}`
  const known = glyphs.get(name)
  if (known) return known
  const opened = new PDFDocument({ font: '' }).registerFont(name, fontFile(script, weight)).font(name)
  // the types of pdfkit do not know the font that it has opened
  const { _font: font } = opened as unknown as { _font: { font: { characterSet: number[] } } }
  const found = new Set(font.font.characterSet)
  glyphs.set(name, found)
  return found
}

type Range = readonly [from: number, to: number]
let ranges: { script: Script; ranges: Range[] }[] | undefined

/** The characters for which each alphabet's file is looked into, as the package lists them. */
export function scriptRanges(): { script: Script; ranges: Range[] }[] {
  if (ranges) return ranges
  const listed = JSON.parse(readFileSync(path.join(fontFolder(), 'unicode.json'), 'utf8')) as Record<
    string,
    string
  >
  ranges = scripts.map((script) => ({ script, ranges: (listed[script] ?? '').split(',').map(readRange) }))
  return ranges
}

function readRange(text: string): Range {
  const [from = '', to = from] = text.replace('U+', '').split('-')
  return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
}
