/** What tells the time: the clock on the wall, which can be set, and one that only runs, which may stand still while a laptop sleeps. */
type Clocks = { wall: () => number; running: () => number }

/** Asks how much of a span that begins now is left, in milliseconds, by whichever clock says that more of it has passed. */
export function timeLeft(
  milliseconds: number,
  { wall, running }: Clocks = { wall: () => new Date().getTime(), running: () => performance.now() },
): () => number {
  const start = { wall: wall(), running: running() }
  return () => milliseconds - Math.max(wall() - start.wall, running() - start.running)
}
