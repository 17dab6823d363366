import 'server-only'

/** A file of which nothing was taken in: where it is broken and by what rule. Never a value of the file. */
export type RefusedFile = { file: string; where: string; why: string }

export type ImportSummary = {
  files: number
  patients: number
  /** Resources: new in the record, changed by this run, and already there as they are. */
  created: number
  changed: number
  unchanged: number
  /** Resources of types that Vigil keeps no table for, by type. */
  skippedTypes: Record<string, number>
  /** Resources that name no patient of these files or of the record, by type. */
  withoutPatient: Record<string, number>
  /** Patients whose record was destroyed, when there are any: nothing is added to it. */
  destroyed?: number
  refused: RefusedFile[]
}

/** The summary in words. */
export function summaryText(summary: ImportSummary): string {
  const { files, patients, created, changed, unchanged, refused } = summary
  return [
    `${count(files, 'file')} read, ${count(patients, 'patient')}: ${created} created, ${changed} changed, ${unchanged} unchanged`,
    ...counts('Kept out, because Vigil has no place for them', summary.skippedTypes),
    ...counts(
      'Kept out, because they name no patient of these files or of the record',
      summary.withoutPatient,
    ),
    ...(summary.destroyed === undefined
      ? []
      : [`Kept out, because the record was destroyed: ${count(summary.destroyed, 'patient')}`]),
    ...refused.map(({ file, where, why }) => `Refused ${file}: ${where}: ${why}`),
  ].join('\n')
}

function counts(title: string, byType: Record<string, number>): string[] {
  const entries = Object.entries(byType).sort(([one], [other]) => one.localeCompare(other))
  if (entries.length === 0) return []
  return [`${title}: ${entries.map(([type, number]) => `${type} ${number}`).join(', ')}`]
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
