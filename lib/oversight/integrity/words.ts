import 'server-only'

type Words = { readonly title: string; readonly next: string }

const askOperator = 'Ask whoever runs the server who had access to the database then, and keep all logs.'

/** Each kind of finding in plain words, and what to do next. */
const findings: Readonly<Record<string, Words>> = {
  ROW_EDITED: {
    title: 'An entry was changed after it was sealed',
    next: `Open the entry and compare it with exports that were made before. ${askOperator}`,
  },
  ROW_DELETED: {
    title: 'A sealed entry is gone',
    next: `Look for it in a backup or an export: its reference is below. ${askOperator}`,
  },
  ROW_INSERTED: {
    title: 'An entry was put in among sealed ones',
    next: `Do not rely on this entry: it was not there when the entries around it were sealed. ${askOperator}`,
  },
  REORDERED: { title: 'The order of sealed entries was changed', next: askOperator },
  TRUNCATED_OR_ROLLED_BACK: {
    title: 'The database has fewer entries than were signed',
    next: 'Was a backup put back? Then the operator states it with “vigil audit restore-ack”, and the loss is on record. If not, entries were cut off: keep every backup and the anchors.',
  },
  HISTORY_REWRITTEN: {
    title: 'The trail does not lead to what was signed',
    next: `Keep the anchors and every checkpoint that is held outside: they show what was signed. ${askOperator}`,
  },
  SEAL_STALE: {
    title: 'New entries are not being sealed',
    next: 'Entries are complete and can be searched. The operator looks at “vigil doctor” and starts the sealer.',
  },
  EQUIVOCATION: {
    title: 'Two different histories were signed',
    next: 'Somebody used the sealing key twice, or stole it. The operator replaces the key; take the history that the witness or the anchor outside holds.',
  },
  ANCHOR_LOST: {
    title: 'A place outside has lost what it had confirmed',
    next: 'Put the anchor back from its copy, and find out who could write to it.',
  },
  ROW_FORGED: {
    title: 'An entry is not as the product wrote it',
    next: `Do not rely on this entry. ${askOperator}`,
  },
  ROW_UNATTESTED: {
    title: 'No process of the product vouches for an entry',
    next: `It was written past the product. ${askOperator}`,
  },
  ROWS_MISSING: {
    title: 'Entries that the product wrote are gone',
    next: `They were taken away before they were sealed, or with their seal. ${askOperator}`,
  },
}

export const findingInWords = (kind: string): Words =>
  findings[kind] ?? { title: 'Something does not fit', next: askOperator }

const causes: Readonly<Record<string, string>> = {
  operator: 'Run on the server',
  first: 'First check of this tree',
  nightly: 'Daily',
  weekly: 'Weekly',
  restore: 'After a restore',
  request: 'Asked for here',
}
export const causeInWords = (cause: string): string => causes[cause] ?? cause

const modes = { full: 'All entries', since: 'New entries', sample: 'Sample' } as const
export const modeInWords = (mode: keyof typeof modes): string => modes[mode]

const places = {
  file: 'File beside the database',
  witness: 'Witness',
  bucket: 'Bucket with locked objects',
} as const
export const placeInWords = (kind: keyof typeof places): string => places[kind]
