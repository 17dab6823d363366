import { drawLine, lineWidth } from './draw-line.ts'
import { margin } from './page.ts'
import type { Pdf } from './pdf.ts'
import { makeRoom } from './start-page.ts'
import type { TextStyle } from './pdf-style.ts'
import { wrapText } from './wrap-text.ts'

export type Block = {
  tag: 'H1' | 'H2' | 'H3' | 'P' | 'LBody' | 'Lbl' | 'Caption'
  text: string
  style: TextStyle
  /** from the left margin, in points */
  indent?: number
  width: number
  parent: PDFKit.PDFStructureElement
}

/** Writes one block of text, over pages where it must, as one element of the document's structure. */
export function writeBlock(pdf: Pdf, { tag, text, style, indent = 0, width, parent }: Block): void {
  const element = pdf.document.struct(tag)
  parent.add(element)
  for (const line of wrapText(text, width, (piece) => lineWidth(pdf, piece, style))) {
    makeRoom(pdf, style.line)
    const y = pdf.document.y
    // the blank keeps the words apart when the lines are read as one
    element.add(() => drawLine(pdf, `${line} `, margin + indent, y, style))
    pdf.document.y = y + style.line
  }
  element.end()
}
