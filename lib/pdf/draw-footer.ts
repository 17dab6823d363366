import { drawLine, lineWidth } from './draw-line.ts'
import { contentWidth, margin } from './page.ts'
import type { Pdf } from './pdf.ts'
import { styles } from './pdf-style.ts'

/** Writes the foot of the page: what the document says of itself, and the page's number. */
export function drawFooter(pdf: Pdf): void {
  const { document } = pdf
  const y = document.page.height - margin + 16
  const number = `Page ${pdf.pageNumber}`
  document.markContent('Artifact', { type: 'Pagination' })
  // Text below the margin would make pdfkit begin a page of its own.
  const { bottom } = document.page.margins
  document.page.margins.bottom = 0
  if (pdf.footer !== null) drawLine(pdf, pdf.footer, margin, y, styles.small)
  const right = margin + contentWidth(pdf) - lineWidth(pdf, number, styles.small)
  drawLine(pdf, number, right, y, styles.small)
  document.page.margins.bottom = bottom
  document.endMarkedContent()
}
