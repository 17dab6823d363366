import { createReadStream } from 'node:fs'
import { readResourceType } from './check-resource.ts'
import { locateJsonFault } from './locate-json-fault.ts'
import { DocumentScanner, type ScannedEntry, type Skeleton } from './scan-document.ts'
import { SourceFault } from './source-fault.ts'

/** One resource of a source file: where it lies (to be read again later), how it is addressed, and its JSON. */
export type SourceResource = {
  /** The file's bytes that hold it; for a bundle, of the whole entry. */
  offset: number
  length: number
  inEntry: boolean
  /** A place for people: `line 3` or `entry[3].resource (line 88)` without the trailing line. */
  where: string
  line: number
  fullUrl: string | null
  resourceType: string
  value: unknown
}

/** Bundles whose entries are meant to be taken in. A history or a response is not. */
const bundleTypes = new Set(['transaction', 'batch', 'collection', 'searchset', 'document'])
const chunkBytes = 1 << 20
const newline = 0x0a
const byteOrderMark = 0xfeff
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a file of FHIR R4 JSON (a bundle, one resource, or NDJSON) and yields its resources one by one, holding no
 * more than one of them. A bundle's type may stand behind its entries, so a caller must not act on what it got before
 * the generator has ended without a fault. Throws {@link SourceFault}, and the errors of `node:fs`.
 */
export async function* readSource(path: string): AsyncGenerator<SourceResource> {
  if (/\.(nd|l)json$|\.jsonl$/i.test(path)) yield* readLines(path)
  else yield* readOne(path)
}

async function* readOne(path: string): AsyncGenerator<SourceResource> {
  const scanner = new DocumentScanner()
  let size = 0
  let entries = 0
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    size += chunk.length
    for (const entry of scanner.feed(chunk)) {
      entries += 1
      const resource = readEntry(entry)
      if (resource) yield resource
    }
  }
  if (size === 0) throw new SourceFault('line 1', 'the file is empty')
  const single = endDocument(scanner.finish(), entries)
  if (single) yield { ...single, offset: 0, length: size, inEntry: false, line: 1 }
}

async function* readLines(path: string): AsyncGenerator<SourceResource> {
  let line = 1
  let offset = 0
  let found = false
  for await (const bytes of linesOf(path)) {
    if (bytes.some((byte) => byte > 0x20)) {
      found = true
      const scanner = new DocumentScanner(offset, line)
      const entries = [...scanner.feed(bytes)]
      const skeleton = scanner.finish()
      for (const entry of entries) {
        const resource = readEntry(entry)
        if (resource) yield resource
      }
      const single = endDocument(skeleton, entries.length)
      if (single) yield { ...single, offset, length: bytes.length, inEntry: false, line }
    }
    offset += bytes.length + 1
    line += 1
  }
  if (!found) throw new SourceFault('line 1', 'the file is empty')
}

async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end)])
      rest = []
      from = end + 1
    }
    rest.push(chunk.subarray(from))
  }
  const last = Buffer.concat(rest)
  if (last.length > 0) yield last
}

/** An entry's resource; null for an entry without one (a conditional reference, an empty search answer). */
function readEntry(entry: ScannedEntry): SourceResource | null {
  const at = `entry[${entry.index}]`
  const parsed = parse(entry.bytes, at, (offset, text) => entry.line + newlinesBefore(text, offset))
  const { fullUrl, resource, request } = parsed as {
    fullUrl?: unknown
    resource?: unknown
    request?: { method?: unknown }
  }
  if (fullUrl !== undefined && typeof fullUrl !== 'string') {
    throw new SourceFault(`${at}.fullUrl (line ${entry.line})`, 'has the wrong type (string is expected)')
  }
  const method = typeof request === 'object' && request !== null ? request.method : undefined
  if (method === 'DELETE' || method === 'PATCH') {
    throw new SourceFault(
      `${at}.request.method (line ${entry.line})`,
      'asks to delete or patch; an import only adds and updates',
    )
  }
  if (resource === undefined) return null
  return {
    offset: entry.offset,
    length: entry.bytes.length,
    inEntry: true,
    where: `${at}.resource`,
    line: entry.line,
    fullUrl: fullUrl ?? null,
    resourceType: readResourceType(resource, `${at}.resource (line ${entry.line})`),
    value: resource,
  }
}

/** Checks what surrounds the entries. Returns the resource when the document is one itself, null for a bundle. */
function endDocument(
  skeleton: Skeleton,
  entries: number,
): Pick<SourceResource, 'where' | 'fullUrl' | 'resourceType' | 'value'> | null {
  const where = `line ${skeleton.lineAt(0)}`
  const value = parse(skeleton.bytes, '', (offset, text) =>
    skeleton.lineAt(Buffer.byteLength(text.slice(0, offset))),
  )
  const resourceType = readResourceType(value, where)
  if (resourceType !== 'Bundle') {
    // Only a List also has entries, and nobody takes Lists in: its emptied shell is as good to count.
    if (entries > 0 && resourceType !== 'List')
      throw new SourceFault(where, 'has entries but is not a Bundle')
    return { where, fullUrl: null, resourceType, value }
  }
  const bundle = value as { type?: unknown; entry?: unknown }
  if (typeof bundle.type !== 'string' || !bundleTypes.has(bundle.type)) {
    throw new SourceFault(
      `type (${where})`,
      `a Bundle of this type is not an import (${[...bundleTypes].join(', ')} are)`,
    )
  }
  if (bundle.entry !== undefined && !(Array.isArray(bundle.entry) && bundle.entry.length === entries)) {
    throw new SourceFault(`entry (${where})`, 'is not a list of objects')
  }
  return null
}

/** Parses JSON; a fault is located by our own reading, because the parser's message quotes the text. */
function parse(bytes: Buffer, at: string, lineAt: (offset: number, text: string) => number): unknown {
  let text: string
  try {
    text = strictUtf8.decode(bytes)
  } catch {
    throw new SourceFault(at ? `${at} (line ${lineAt(0, '')})` : `line ${lineAt(0, '')}`, 'is not UTF-8 text')
  }
  if (text.charCodeAt(0) === byteOrderMark) text = text.slice(1)
  try {
    return JSON.parse(text) as unknown
  } catch {
    const fault = locateJsonFault(text) ?? { offset: 0, why: 'is not JSON' }
    const line = lineAt(fault.offset, text)
    throw new SourceFault(at ? `${at} (line ${line})` : `line ${line}`, `is not JSON: ${fault.why}`)
  }
}

function newlinesBefore(text: string, offset: number): number {
  let count = 0
  for (let index = 0; index < offset; index += 1) if (text.charCodeAt(index) === newline) count += 1
  return count
}
