import { drawFooter } from './draw-footer.ts'
import { margin } from './page.ts'
import type { Pdf } from './pdf.ts'

/** Begins a page. Its foot is no content: a reading voice passes over it. */
export function startPage(pdf: Pdf): void {
  pdf.document.addPage()
  pdf.pageNumber += 1
  drawFooter(pdf)
  pdf.document.y = margin
}

/** Begins a new page unless so many points are left above the foot. */
export function makeRoom(pdf: Pdf, height: number): void {
  if (pdf.document.y + height > pdf.document.page.height - margin) startPage(pdf)
}
