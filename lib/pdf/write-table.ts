import { once } from 'node:events'
import { drawLine, lineWidth } from './draw-line.ts'
import { contentWidth, margin } from './page.ts'
import type { Pdf } from './pdf.ts'
import { makeRoom, startPage } from './start-page.ts'
import { ruleColour, styles, type TextStyle } from './pdf-style.ts'
import { wrapText } from './wrap-text.ts'
import { writeBlock } from './write-block.ts'

export type PdfTable = {
  /** what the table shows; written above it */
  caption: string
  /** shares are parts of the width, for example 2 beside 1 */
  columns: readonly { heading: string; share: number }[]
  /** one text per column; the first one names the row */
  rows: Iterable<readonly string[]> | AsyncIterable<readonly string[]>
}

type Column = { heading: string; x: number; width: number }
type Cells = string[][]
type StructureOptions = NonNullable<Parameters<PDFKit.PDFDocument['struct']>[1]>

const padding = 4

/**
 * Writes a table. Its headings come again on each page for the eye; a reading voice has them once. Rows are taken one
 * by one and handed on, so a long table needs no more memory than its structure. No row is cut off: one that is higher
 * than a page goes on on the next.
 */
export async function writeTable(pdf: Pdf, { caption, columns, rows }: PdfTable): Promise<void> {
  const places = place(pdf, columns)
  const table = pdf.document.struct('Table')
  pdf.root.add(table)
  makeRoom(pdf, 6 * styles.cell.line)
  writeBlock(pdf, {
    tag: 'Caption',
    text: caption,
    style: styles.strong,
    width: contentWidth(pdf),
    parent: table,
  })
  pdf.document.y += 4
  const head = wrap(pdf, places, columns.map(({ heading }) => heading), styles.cellHeading) // prettier-ignore
  writeRow(pdf, table, places, head, { isHead: true, head })
  for await (const row of rows) {
    writeRow(pdf, table, places, wrap(pdf, places, row, styles.cell), { isHead: false, head })
    if (pdf.output.writableNeedDrain) await once(pdf.output, 'drain')
  }
  table.end()
  pdf.document.y += 8
}

function place(pdf: Pdf, columns: PdfTable['columns']): Column[] {
  const whole = columns.reduce((sum, { share }) => sum + share, 0)
  let x = margin
  return columns.map(({ heading, share }) => {
    const width = (contentWidth(pdf) * share) / whole
    const column = { heading, x, width: width - 2 * padding }
    x += width
    return column
  })
}

function wrap(pdf: Pdf, columns: Column[], texts: readonly string[], style: TextStyle): Cells {
  return columns.map(({ width }, index) =>
    wrapText(texts[index] ?? '', width, (piece) => lineWidth(pdf, piece, style)),
  )
}

type RowKind = { isHead: boolean; head: Cells }

function writeRow(
  pdf: Pdf,
  table: PDFKit.PDFStructureElement,
  columns: Column[],
  cells: Cells,
  kind: RowKind,
): void {
  const { document } = pdf
  const style = kind.isHead ? styles.cellHeading : styles.cell
  const rest = (): number =>
    Math.floor((document.page.height - margin - document.y - 2 * padding) / style.line)
  const row = document.struct('TR')
  table.add(row)
  const elements = columns.map((_, index) => {
    const isHeading = kind.isHead || index === 0
    // the types of pdfkit do not know the scope yet
    const options: StructureOptions & { scope?: string } = isHeading
      ? { scope: kind.isHead ? 'Column' : 'Row' }
      : {}
    const element = document.struct(isHeading ? 'TH' : 'TD', options)
    row.add(element)
    return element
  })
  const height = Math.max(...cells.map(({ length }) => length))
  let from = 0
  while (from < height) {
    if (rest() < Math.min(height - from, 12)) nextPage(pdf, columns, kind)
    const count = Math.min(height - from, rest())
    const y = document.y + padding
    for (const [index, element] of elements.entries())
      for (const [offset, line] of (cells[index] ?? []).slice(from, from + count).entries())
        element.add(() =>
          drawLine(pdf, `${line} `, columns[index]?.x ?? margin, y + offset * style.line, style),
        )
    document.y = y + count * style.line + padding
    drawRule(pdf)
    from += count
  }
  row.end()
}

function nextPage(pdf: Pdf, columns: Column[], { isHead, head }: RowKind): void {
  startPage(pdf)
  if (isHead) return
  const { document } = pdf
  document.markContent('Artifact', { type: 'Pagination' })
  const y = document.y + padding
  for (const [index, lines] of head.entries())
    for (const [offset, line] of lines.entries())
      drawLine(
        pdf,
        line,
        columns[index]?.x ?? margin,
        y + offset * styles.cellHeading.line,
        styles.cellHeading,
      )
  document.endMarkedContent()
  document.y = y + Math.max(...head.map(({ length }) => length)) * styles.cellHeading.line + padding
  drawRule(pdf)
}

/** A line under a row: an ornament, and tagged as one. */
function drawRule(pdf: Pdf): void {
  const { document } = pdf
  document.markContent('Artifact', { type: 'Layout' })
  const { y } = document
  document.moveTo(margin, y).lineTo(margin + contentWidth(pdf), y).lineWidth(0.6).strokeColor(ruleColour).stroke() // prettier-ignore
  document.endMarkedContent()
}
