import { SourceFault } from './source-fault.ts'

/** Nobody writes FHIR this deep; a file that does is an attack on whatever walks it. */
const depthMax = 200
/** Of one resource or of what is not an entry; above it a single value would have to be held whole. */
const pieceBytesMax = 256 * 1024 * 1024

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const newline = 0x0a
const emptyObject = Buffer.from('{}')

/** One object of the top-level `entry` array: its bytes, good until the next chunk is fed, and where they lie. */
export type ScannedEntry = { index: number; bytes: Buffer; offset: number; line: number }
/** The document without its entries (each replaced by `{}`); `lines` tells the file line of a skeleton byte. */
export type Skeleton = { bytes: Buffer; lineAt: (skeletonOffset: number) => number; lineLast: number }

/**
 * Walks one JSON document chunk by chunk and cuts the objects of its top-level `entry` array out of it, so that
 * a bundle of any size is held one entry at a time. It only follows strings and brackets: an entry and the
 * skeleton are each parsed by the caller, and the document is JSON exactly when all of them are.
 * `offset` and `line` (1-based) say where the document starts in its file.
 */
export class DocumentScanner {
  #offset: number
  #line: number
  #depth = 0
  #inString = false
  #escaped = false
  /** At depth 1: the name being read or the last one read, while it may still be `entry`. */
  #name = ''
  #readingName = false
  #expectName = false
  #rootIsObject = false
  #inEntries = false
  #entryCount = 0
  #entry: { parts: Buffer[]; size: number; offset: number; line: number } | null = null
  /** One growing buffer: a large bundle's skeleton is a million commas, which as objects would be what we avoid. */
  #skeleton = Buffer.alloc(1024)
  #skeletonSize = 0
  /** Pairs of a skeleton offset and the file line that stands there, one after each entry. */
  #marks: number[] = []

  constructor(offset = 0, line = 1) {
    this.#offset = offset
    this.#line = line
    this.#marks.push(0, line)
  }

  /** Takes the next bytes and yields the entries that end in them. Throws {@link SourceFault}. */
  *feed(chunk: Buffer): Generator<ScannedEntry> {
    let keepFrom = 0
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]
      if (byte === newline) this.#line += 1
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === backslash) this.#escaped = true
        else if (byte === quote) {
          this.#inString = false
          this.#readingName = false
          continue
        }
        if (this.#readingName && this.#name.length < 16) this.#name += String.fromCharCode(byte ?? 0)
        continue
      }
      if (byte === quote) {
        this.#inString = true
        if (this.#expectName && this.#depth === 1) {
          this.#readingName = true
          this.#name = ''
          this.#expectName = false
        }
      } else if (byte === openBrace || byte === openBracket) {
        if (this.#inEntries && this.#depth === 2 && byte === openBrace) {
          this.#keep(chunk.subarray(keepFrom, index))
          keepFrom = index
          this.#entry = { parts: [], size: 0, offset: this.#offset + index, line: this.#line }
        }
        this.#depth += 1
        if (this.#depth > depthMax)
          throw new SourceFault(`line ${this.#line}`, `nested deeper than ${depthMax} levels`)
        if (this.#depth === 1) this.#expectName = this.#rootIsObject = byte === openBrace
        else if (this.#depth === 2 && byte === openBracket && this.#rootIsObject && this.#name === 'entry') {
          this.#inEntries = true
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1
        if (this.#entry && this.#depth === 2) {
          const { parts, offset, line } = this.#entry
          const last = chunk.subarray(keepFrom, index + 1)
          const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last])
          keepFrom = index + 1
          this.#entry = null
          this.#keep(emptyObject)
          this.#marks.push(this.#skeletonSize, this.#line)
          yield { index: this.#entryCount++, bytes, offset, line }
        } else if (this.#depth === 1) this.#inEntries = false
      } else if (byte === comma && this.#depth === 1) this.#expectName = this.#rootIsObject
      else if (byte === colon) continue
    }
    this.#keep(chunk.subarray(keepFrom))
    this.#offset += chunk.length
  }

  /** Ends the document and hands back what was not an entry. An entry without an end is a {@link SourceFault}. */
  finish(): Skeleton {
    if (this.#entry) {
      throw new SourceFault(
        `line ${this.#line}`,
        `the file ends in the middle of entry[${this.#entryCount}] (begun on line ${this.#entry.line})`,
      )
    }
    const bytes = this.#skeleton.subarray(0, this.#skeletonSize)
    const marks = this.#marks
    const lineAt = (skeletonOffset: number) => {
      let place = marks.length - 2
      while (place > 0 && (marks[place] ?? 0) > skeletonOffset) place -= 2
      const from = marks[place] ?? 0
      return (marks[place + 1] ?? 1) + countNewlines(bytes.subarray(from, skeletonOffset))
    }
    return { bytes, lineAt, lineLast: this.#line }
  }

  #keep(part: Buffer) {
    if (part.length === 0) return
    const size = this.#entry ? (this.#entry.size += part.length) : this.#skeletonSize + part.length
    if (size > pieceBytesMax)
      throw new SourceFault(`line ${this.#line}`, 'a single resource is larger than 256 MB')
    // Copies: the chunk's memory belongs to the reader.
    if (this.#entry) this.#entry.parts.push(Buffer.from(part))
    else this.#appendToSkeleton(part)
  }

  #appendToSkeleton(part: Buffer) {
    const size = this.#skeletonSize + part.length
    if (size > this.#skeleton.length) {
      const larger = Buffer.alloc(Math.max(size, this.#skeleton.length * 2))
      this.#skeleton.copy(larger, 0, 0, this.#skeletonSize)
      this.#skeleton = larger
    }
    part.copy(this.#skeleton, this.#skeletonSize)
    this.#skeletonSize = size
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0
  for (const byte of bytes) if (byte === newline) count += 1
  return count
}
