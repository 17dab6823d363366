import type { Pdf } from './pdf.ts'

/** Space around the text, in points. */
export const margin = 54

/** The width that text has, in points. */
export function contentWidth({ document }: Pdf): number {
  return document.page.width - 2 * margin
}
