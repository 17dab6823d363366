/**
 * What is wrong with a source file and where, in words that carry nothing of the file's content: a fault is
 * printed, logged and put into summaries, so it names a line, a path and a rule, never a value.
 */
export class SourceFault extends Error {
  override name = 'SourceFault'
  /** `line 12`, or a path such as `entry[3].resource.subject.reference (line 88)`. */
  readonly where: string
  /** The rule that was broken, a full clause without a final stop. */
  readonly why: string

  constructor(where: string, why: string) {
    super(`${where}: ${why}`)
    this.where = where
    this.why = why
  }
}
