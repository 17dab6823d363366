import 'server-only'

/** Where archived months can be read; their files lie outside the databases. */
export type ArchiveSource = {
  /**
   * The lines of an archive: its header, then one line per leaf.
   * @throws Error when the file is not there or not what it was
   */
  readonly lines: (fileName: string) => AsyncIterable<string>
}
