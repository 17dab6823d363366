import { Tag, type Tone } from '#components/ui/tag.tsx'
import type { CaseState } from '#lib/oversight/watching/view.ts'

const looks: Record<CaseState, { tone: Tone; word: string }> = {
  OPEN: { tone: 'warn', word: 'Open' },
  EXPLAINED: { tone: 'ok', word: 'Explained' },
  ESCALATED: { tone: 'bad', word: 'Incident opened' },
  SUPPRESSED: { tone: 'neutral', word: 'Held back' },
  HELD: { tone: 'neutral', word: 'Held back' },
  BELOW: { tone: 'neutral', word: 'Not among the five' },
  WITHDRAWN: { tone: 'ok', word: 'Explained later by care' },
}

/** How a case stands, in a word or two. */
export function CaseStateTag({ state }: { state: CaseState }) {
  const { tone, word } = looks[state]
  return <Tag tone={tone}>{word}</Tag>
}
