import { lineWidth } from './draw-line.ts'
import { contentWidth } from './page.ts'
import type { Pdf } from './pdf.ts'
import { makeRoom } from './start-page.ts'
import { styles } from './pdf-style.ts'
import { writeBlock } from './write-block.ts'
import { wrapText } from './wrap-text.ts'

const gap = 12

/** Writes names and values beside each other, as a list whose labels are the names. */
export function writeFacts(pdf: Pdf, facts: readonly { label: string; value: string }[]): void {
  const list = pdf.document.struct('L')
  pdf.root.add(list)
  const widest = Math.max(...facts.map(({ label }) => lineWidth(pdf, `${label} `, styles.strong)))
  const column = Math.min(widest, contentWidth(pdf) / 3)
  for (const { label, value } of facts) {
    const width = contentWidth(pdf) - column - gap
    const lines = wrapText(value, width, (text) => lineWidth(pdf, text, styles.body)).length
    makeRoom(pdf, Math.min(lines, 8) * styles.body.line)
    const item = pdf.document.struct('LI')
    list.add(item)
    const { y } = pdf.document
    writeBlock(pdf, { tag: 'Lbl', text: label, style: styles.strong, width: column, parent: item })
    const [below, page] = [pdf.document.y, pdf.pageNumber]
    pdf.document.y = y
    const indent = column + gap
    writeBlock(pdf, { tag: 'LBody', text: value, style: styles.body, indent, width, parent: item })
    // A value that ran over to another page ends there, wherever the name ended on this one.
    if (pdf.pageNumber === page) pdf.document.y = Math.max(below, pdf.document.y)
    item.end()
  }
  list.end()
  pdf.document.y += 6
}
