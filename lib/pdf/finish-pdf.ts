import type { Pdf } from './pdf.ts'
import { replacement } from './split-by-script.ts'
import { writeParagraph } from './write-paragraph.ts'

/** Ends the document. Where letters had to be replaced, its last line says so. */
export function finishPdf(pdf: Pdf): void {
  if (pdf.replaced)
    writeParagraph(
      pdf,
      `Some letters could not be printed here. A “${replacement}” stands in their place.`,
      'small',
    )
  pdf.root.end()
  pdf.document.end()
}
