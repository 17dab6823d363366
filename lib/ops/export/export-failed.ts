import 'server-only'

/** Why an export cannot be made; trying again would not help. The words stand in audit.trail_export.failure. */
type ExportFault =
  | 'not-sealed-yet'
  | 'changed-since-sealed'
  | 'altered-tree'
  | 'archive-missing'
  | 'archive-altered'
  | 'too-long-for-pdf'
  | 'too-long-for-evidence'

export class ExportFailed extends Error {
  override readonly name = 'ExportFailed'
  readonly fault: ExportFault

  constructor(fault: ExportFault) {
    super(`the export cannot be made: ${fault}`)
    this.fault = fault
  }
}

/** The export is not wanted any more: cancelled, or taken over by another worker. */
export class ExportStopped extends Error {
  override readonly name = 'ExportStopped'
}
