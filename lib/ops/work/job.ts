import 'server-only'

/** Something that the worker does again and again. */
export type Job = {
  /** names its row in app.job_run, and its failures in the log: lower case, such as `audit.partitions` */
  readonly name: string
  /** from one beginning to the next, by the database's clock (`app.now()`); at least 60 */
  readonly everySeconds: number
  /**
   * One run, on the worker's login (`appQuery(…, 'worker')`, `asService(…)`). It must be able to begin again after being killed
   * at any instant. Ends early when the signal fires. What it throws is logged by its class and tried again in five minutes.
   */
  readonly run: (signal: AbortSignal) => Promise<void>
}
