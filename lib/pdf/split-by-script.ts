import { glyphsOf, scriptRanges, type Script } from './font-files.ts'

export type Run = { script: Script; text: string }

/** What stands for a character that no font of the document has. */
export const replacement = '?'

/** Hyphens that word processors put into names (U+2010, U+2011) and the dash of numbers (U+2012): the font has the plain one. */
const hyphens = /[\u2010-\u2012]/g

/**
 * Text as runs that one font file can write, each letter in one piece with its accents (Unicode's form C). Control and
 * direction characters are left out, so that no text can turn the letters around it; a character that no file has becomes
 * a question mark.
 * @returns the runs, and whether a character had to be replaced
 */
export function splitByScript(text: string): { runs: Run[]; replaced: boolean } {
  const runs: Run[] = []
  let replaced = false
  const plain = text.normalize('NFC').replace(/\s/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '').replace(hyphens, '-') // prettier-ignore
  for (const character of plain) {
    const found = scriptOf(character.codePointAt(0) ?? 0)
    replaced ||= found === undefined
    const run: Run = found ? { script: found, text: character } : { script: 'latin', text: replacement }
    const last = runs.at(-1)
    if (last?.script === run.script) last.text += run.text
    else runs.push(run)
  }
  return { runs, replaced }
}

function scriptOf(code: number): Script | undefined {
  return scriptRanges().find(
    ({ script, ranges }) =>
      ranges.some(([from, to]) => code >= from && code <= to) && glyphsOf(script, 400).has(code),
  )?.script
}
