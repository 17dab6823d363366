import { PassThrough } from 'node:stream'
import PDFDocument from 'pdfkit'
import { margin } from './page.ts'
import type { Pdf } from './pdf.ts'
import { startPage } from './start-page.ts'

export type PdfSettings = {
  /**
   * Names the kind of document, for example "Accounting of disclosures". It is shown as the window's title and stands
   * in the file's metadata, so it never names or describes a patient.
   */
  title: string
  /** stands in the metadata */
  createdAt: Date
  /** at the foot of every page, before the page's number; null for the number alone */
  footer: string | null
  /** US Letter, upright unless told otherwise */
  layout?: 'portrait' | 'landscape'
}

/**
 * Opens a PDF that can be read aloud: every piece of text is tagged with what it is (ISO 14289-1, PDF/UA-1), the fonts
 * are embedded, the language is named. The metadata holds the title, the time and the name of the product, nothing else.
 * @returns the document; end it with `finishPdf`
 */
export function openPdf({ title, createdAt, footer, layout = 'portrait' }: PdfSettings): Pdf {
  const options = {
    size: 'LETTER',
    layout,
    margin,
    // no font that is not embedded: the default would be Helvetica by name only
    font: '',
    pdfVersion: '1.7',
    subset: 'PDF/UA',
    tagged: true,
    lang: 'en-US',
    displayTitle: true,
    autoFirstPage: false,
    info: { Title: title, Producer: 'Vigil', Creator: 'Vigil', CreationDate: createdAt },
  }
  // the types of pdfkit do not know PDF/UA yet
  const document = new PDFDocument(options as PDFKit.PDFDocumentOptions)
  const root = document.struct('Document')
  document.addStructure(root)
  const output = document.pipe(new PassThrough())
  const pdf: Pdf = { document, root, output, footer, pageNumber: 0, replaced: false }
  startPage(pdf)
  return pdf
}
