import type { PassThrough } from 'node:stream'

/** A document that is being written: the writers of this folder add to it, from the top to the end. */
export type Pdf = {
  readonly document: PDFKit.PDFDocument
  /** the element that the whole content hangs below */
  readonly root: PDFKit.PDFStructureElement
  /** the bytes of the file; read it while writing, so that a long document does not wait in memory */
  readonly output: PassThrough
  readonly footer: string | null
  pageNumber: number
  /** true once a character was met that no font has */
  replaced: boolean
}
