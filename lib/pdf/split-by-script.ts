import { scriptRanges, type Script } from './font-files.ts'

export type Run = { script: Script; text: string }

/** What stands for a character that no font of the document has. */
export const replacement = '?'

/**
 * Text as runs that one font file can write. Control and direction characters are left out, so that no text can turn
 * the letters around it; a character that no file has becomes a question mark.
 * @returns the runs, and whether a character had to be replaced
 */
export function splitByScript(text: string): { runs: Run[]; replaced: boolean } {
  const runs: Run[] = []
  let replaced = false
  for (const character of text.replace(/\s/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '')) {
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
  return scriptRanges().find(({ ranges }) => ranges.some(([from, to]) => code >= from && code <= to))?.script
}
