import 'server-only'

/** The reasons that the glass can be broken for: the list of the form, and of every report. */
export const reasonNames = {
  EMERGENCY_TREATMENT: 'Emergency treatment',
  COVERING: 'Covering for the care team',
  PUBLIC_HEALTH: 'Public-health duty',
  OTHER: 'Another reason',
} as const
export type ReasonCode = keyof typeof reasonNames

/** The same as the form offers them. */
export const reasonOptions = Object.entries(reasonNames).map(([value, label]) => ({ value, label }))

export const reasonInWords = (code: string): string =>
  code in reasonNames ? reasonNames[code as ReasonCode] : code

type Tone = 'emergency' | 'warn' | 'ok' | 'bad' | 'info'

/** A state in words, with the tone of its tag. */
export function stateInWords(state: string, verdict: string | null): { state: string; tone: Tone } {
  if (state === 'ACTIVE') return { state: 'Open now', tone: 'emergency' }
  if (state === 'REVIEW_PENDING') return { state: 'Waits for review', tone: 'warn' }
  if (state === 'NEEDS_INFO') return { state: 'Question asked', tone: 'info' }
  if (state === 'UNJUSTIFIED') return { state: 'Needs a second signature', tone: 'bad' }
  return verdict === 'JUSTIFIED'
    ? { state: 'Justified', tone: 'ok' }
    : { state: 'Not justified', tone: 'bad' }
}

const refusals: Readonly<Record<string, string>> = {
  'no-session': 'Your session has ended. Sign in again.',
  'not-allowed': 'Your role cannot do this.',
  'not-found': 'Find the patient again: a search counts for fifteen minutes.',
  'already-yours': 'You or your team care for this patient. Open the chart from your worklist.',
  'already-open': 'You have this record open already.',
  'reason-missing': 'Choose a reason and say why in your own words.',
  'reason-repeated': 'You used these words before. Say what is different this time.',
  'code-too-old': 'Enter a new one-time code.',
  'code-used': 'This code has opened a record already. Wait for the next one.',
  'no-such-request': 'This took too long. Fill in the form again.',
  'no-such-lease': 'There is no such emergency access.',
  'over-already': 'It was over already.',
  'your-own': 'Nobody decides about their own access.',
  'same-person': 'The second signature must be another person’s.',
  'not-to-decide': 'Somebody else has decided in the meantime. Look at the page again.',
  'nothing-asked': 'Nothing is asked any more.',
  'open-already': 'There is an incident for this already.',
  'closed-already': 'The incident is closed.',
  'not-assessed': 'Assess the incident first: all four factors, and what they come to.',
  'same-assessor': 'You found a breach. Somebody else has to find otherwise.',
  'no-such-source': 'There is no such case or report.',
  'patient-not-told': 'A breach is closed only when the patient was told.',
}

/** Why a step was refused, as the page says it. */
export const refusalText = (refusal: string): string =>
  refusals[refusal] ?? 'This could not be done. Look at the page again.'
