import { contentWidth } from './page.ts'
import type { Pdf } from './pdf.ts'
import { makeRoom } from './start-page.ts'
import { styles } from './pdf-style.ts'
import { writeBlock } from './write-block.ts'

const indent = 14

/** Writes a list with a dot before each item. */
export function writeList(pdf: Pdf, items: readonly string[]): void {
  const list = pdf.document.struct('L')
  pdf.root.add(list)
  for (const text of items) {
    const item = pdf.document.struct('LI')
    list.add(item)
    makeRoom(pdf, styles.body.line)
    const { y } = pdf.document
    writeBlock(pdf, { tag: 'Lbl', text: '•', style: styles.body, width: indent, parent: item })
    pdf.document.y = y
    const width = contentWidth(pdf) - indent
    writeBlock(pdf, { tag: 'LBody', text, style: styles.body, indent, width, parent: item })
    item.end()
  }
  list.end()
  pdf.document.y += 6
}
