/**
 * Goes on when whoever reads this process's stdout or stderr goes away (a terminal that closes, a log shipper that dies). A write then
 * fails with EPIPE after it has returned, as an event of the stream; unheard, it becomes an uncaught exception, which ends a process
 * or, where somebody logs such exceptions as Next.js does, fails again at each attempt to log it, for ever and on a whole core.
 * Call it once, before anything is written.
 */
export const outliveLogReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
