import { contentWidth } from './page.ts'
import type { Pdf } from './pdf.ts'
import { styles } from './pdf-style.ts'
import { writeBlock } from './write-block.ts'

/** Writes a paragraph; line ends in the text are kept. */
export function writeParagraph(pdf: Pdf, text: string, kind: 'body' | 'strong' | 'small' = 'body'): void {
  writeBlock(pdf, { tag: 'P', text, style: styles[kind], width: contentWidth(pdf), parent: pdf.root })
  pdf.document.y += 6
}
