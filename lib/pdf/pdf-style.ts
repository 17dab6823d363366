import type { Weight } from './font-files.ts'

/** Size and line height in points (1/72 inch). */
export type TextStyle = { weight: Weight; size: number; line: number; colour: string }

const ink = '#16202a'
const muted = '#455564'

export const styles = {
  h1: { weight: 600, size: 20, line: 26, colour: ink },
  h2: { weight: 600, size: 13.5, line: 19, colour: ink },
  h3: { weight: 600, size: 11, line: 16, colour: ink },
  body: { weight: 400, size: 10.5, line: 15.5, colour: ink },
  strong: { weight: 600, size: 10.5, line: 15.5, colour: ink },
  cell: { weight: 400, size: 9, line: 12.5, colour: ink },
  cellHeading: { weight: 600, size: 9, line: 12.5, colour: ink },
  small: { weight: 400, size: 8.5, line: 12, colour: muted },
} as const satisfies Record<string, TextStyle>

/** Lines between the rows of a table. */
export const ruleColour = '#c3ccd5'
