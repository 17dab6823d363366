import { fontFile } from './font-files.ts'
import type { Pdf } from './pdf.ts'
import type { TextStyle } from './pdf-style.ts'
import { splitByScript, type Run } from './split-by-script.ts'

function setFont({ document }: Pdf, run: Run, style: TextStyle): void {
  const name = `${run.script}-${style.weight}`
  document.registerFont(name, fontFile(run.script, style.weight)).font(name).fontSize(style.size)
}

/** How wide a line of text is in a style, in points. */
export function lineWidth(pdf: Pdf, text: string, style: TextStyle): number {
  return splitByScript(text).runs.reduce((width, run) => {
    setFont(pdf, run, style)
    return width + pdf.document.widthOfString(run.text)
  }, 0)
}

/** Writes one line with its top at y, in as many fonts as its alphabets need. Call it inside a tag or an artifact. */
export function drawLine(pdf: Pdf, text: string, x: number, y: number, style: TextStyle): void {
  const { runs, replaced } = splitByScript(text)
  pdf.replaced ||= replaced
  let at = x
  for (const run of runs) {
    setFont(pdf, run, style)
    pdf.document.fillColor(style.colour).text(run.text, at, y, { lineBreak: false })
    at += pdf.document.widthOfString(run.text)
  }
}
