import { inflateSync } from 'node:zlib'

export type PdfElement = { tag: string; text: string; scope: string | null; children: PdfElement[] }
export type ReadPdf = {
  pages: number
  /** the structure tree's elements, in reading order */
  elements: PdfElement[]
  /** text that is tagged as content, in reading order */
  text: string
  /** text that is marked as an artifact: page numbers, repeated headings */
  artifacts: string
  /** text that is neither; ISO 14289-1 wants none */
  untagged: string
  info: string
  catalog: string
  metadata: string
}

type Parts = Map<number, { head: string; stream: string }>
type Spoken = { marked: Map<string, string>; artifacts: string; untagged: string }

/** Reads a PDF that lib/pdf wrote, as a reading voice would: by its structure tree. Not a reader of other PDFs. */
export function readPdf(file: Buffer): ReadPdf {
  const parts = readParts(file)
  const at = (id: string | undefined): string => parts.get(Number(id))?.head ?? ''
  const find = (pattern: RegExp): string => [...parts.values()].find(({ head }) => pattern.test(head))?.head ?? '' // prettier-ignore
  const pages = [...parts].filter(([, { head }]) => /\/Type \/Page\b/.test(head))
  const spoken: Spoken = { marked: new Map(), artifacts: '', untagged: '' }
  for (const [id, { head }] of pages) listen(parts, id, head, spoken)
  const root = find(/\/Type \/StructTreeRoot/)
  const elements = children(at, spoken, root, '')
  const trailer = file.toString('latin1')
  return {
    pages: pages.length,
    elements,
    text: elements.map(({ text }) => text).join(''),
    artifacts: spoken.artifacts,
    untagged: spoken.untagged,
    info: infoText(trailer, at),
    catalog: find(/\/Type \/Catalog/),
    metadata: [...parts.values()].find(({ head }) => /\/Type \/Metadata/.test(head))?.stream ?? '',
  }
}

function infoText(trailer: string, at: (id: string | undefined) => string): string {
  const info = at(/\/Info (\d+) 0 R/.exec(trailer)?.[1])
  return [...info.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, key, id]) => `${key} ${at(id)}`).join('\n')
}

function readParts(file: Buffer): Parts {
  const parts: Parts = new Map()
  for (const match of file.toString('latin1').matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [head = '', ...rest] = (match[2] ?? '').split('\nstream\n')
    const raw = Buffer.from(rest.join('\nstream\n').replace(/\nendstream$/, ''), 'latin1')
    const stream = /FlateDecode/.test(head) ? inflateSync(raw) : raw
    parts.set(Number(match[1]), { head, stream: stream.toString('latin1') })
  }
  return parts
}

function children(at: (id: string | undefined) => string, spoken: Spoken, head: string, page: string): PdfElement[] {
  const kids = /\/K \[([\s\S]*?)\]\n|\/K \[(.*)\]/.exec(head)
  return [...(kids?.[1] ?? kids?.[2] ?? '').matchAll(/(\d+) 0 R/g)].flatMap(([, id]) => {
    const own = at(id)
    return /\/S \/\w+/.test(own) ? [element(at, spoken, own, page)] : []
  })
} // prettier-ignore

function element(at: (id: string | undefined) => string, spoken: Spoken, head: string, page: string): PdfElement {
  const below = children(at, spoken, head, page)
  const here = /\/Pg (\d+) 0 R/.exec(head.slice(2).replace(/<<[\s\S]*?>>/g, ''))?.[1] ?? page
  const kids = /\/K \[([\s\S]*)\]/.exec(head)?.[1] ?? ''
  const elsewhere = [...kids.matchAll(/\/Pg (\d+) 0 R\s*\/MCID (\d+)/g)].map(([, pg, id]) => `${pg} ${id}`)
  const bare = kids.replace(/<<[\s\S]*?>>/g, '').replace(/\d+ 0 R/g, '')
  const own = below.length > 0 ? [] : [...(bare.match(/\d+/g) ?? []).map((id) => `${here} ${id}`), ...elsewhere]
  const said = own.map((key) => spoken.marked.get(key) ?? '').join('')
  return {
    tag: /\/S \/(\w+)/.exec(head)?.[1] ?? '',
    text: said + below.map(({ text }) => text).join(''),
    scope: /\/Scope \/(\w+)/.exec(head)?.[1] ?? null,
    children: below,
  }
} // prettier-ignore

/** Goes through a page's drawing and notes each text under the mark that it stands in. */
function listen(parts: Parts, page: number, head: string, spoken: Spoken): void {
  const content = parts.get(Number(/\/Contents (\d+) 0 R/.exec(head)?.[1]))?.stream ?? ''
  const resources = parts.get(Number(/\/Resources (\d+) 0 R/.exec(head)?.[1]))?.head ?? head
  const fonts = new Map([...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, id]) => [name, id]))
  let [font, mark]: [Map<string, string>, string | null] = [new Map(), null]
  for (const line of content.split('\n')) {
    const mcid = /\/MCID (\d+)/.exec(line)?.[1]
    if (mcid !== undefined) mark = `${page} ${mcid}`
    else if (line.startsWith('/Artifact')) mark = 'artifact'
    if (line.startsWith('EMC')) mark = null
    const named = /\/(F\d+) [\d.]+ Tf/.exec(line)
    if (named) font = toUnicode(parts, fonts.get(named[1]))
    if (!line.endsWith('TJ')) continue
    const text = [...line.matchAll(/<([0-9a-f]+)>/g)].map(([, hex = '']) => decode(hex, font)).join('')
    if (mark === 'artifact') spoken.artifacts += `${text} `
    else if (mark === null) spoken.untagged += text
    else spoken.marked.set(mark, (spoken.marked.get(mark) ?? '') + text)
  }
} // prettier-ignore

function decode(hex: string, font: Map<string, string>): string {
  return (hex.match(/.{4}/g) ?? []).map((glyph) => font.get(glyph) ?? '\uFFFD').join('')
}

/** The letters that a font's glyphs stand for, from the table that makes its text selectable and readable. */
function toUnicode(parts: Parts, id: string | undefined): Map<string, string> {
  const table = /\/ToUnicode (\d+) 0 R/.exec(parts.get(Number(id))?.head ?? '')?.[1]
  const map = new Map<string, string>()
  for (const [, from = '', , list = ''] of (parts.get(Number(table))?.stream ?? '').matchAll(/<(\w+)> <(\w+)> \[([^\]]*)\]/g)) {
    let glyph = Number.parseInt(from, 16)
    // A ligature stands for several letters, with spaces between their codes.
    for (const [, codes = ''] of list.matchAll(/<([\w ]*)>/g)) {
      map.set(glyph.toString(16).padStart(4, '0'), Buffer.from(codes.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'))
      glyph += 1
    }
  }
  return map
} // prettier-ignore
