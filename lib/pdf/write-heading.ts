import { contentWidth } from './page.ts'
import type { Pdf } from './pdf.ts'
import { makeRoom } from './start-page.ts'
import { styles } from './pdf-style.ts'
import { writeBlock } from './write-block.ts'

const before = { 1: 0, 2: 14, 3: 8 } as const

/** Writes a heading; the first of a document is level 1, and none is left alone at the foot of a page. */
export function writeHeading(pdf: Pdf, level: 1 | 2 | 3, text: string): void {
  const style = styles[`h${level}`]
  pdf.document.y += before[level]
  makeRoom(pdf, style.line + 3 * styles.body.line)
  writeBlock(pdf, { tag: `H${level}`, text, style, width: contentWidth(pdf), parent: pdf.root })
  pdf.document.y += 4
}
