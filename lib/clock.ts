/** Where the process takes its time from, so that a test can move it. Times that decide an access come from the database: app.now(). */
export type Clock = { readonly now: () => Date }

const systemClock: Clock = { now: () => new Date() }

let clock = systemClock

/** The present instant as this process knows it. */
export const now = (): Date => clock.now()

/** Milliseconds since 1970-01-01T00:00:00Z, by the same clock. */
export const nowMilliseconds = (): number => clock.now().getTime()

/** A clock that runs ahead of the system's by a fixed time: the demo's clock after `vigil demo clock advance`. */
export const clockAhead = (milliseconds: number): Clock => ({
  now: () => new Date(systemClock.now().getTime() + milliseconds),
})

/** Replaces the clock of this process; returns the function that puts the former one back. */
export const replaceClock = (replacement: Clock): (() => void) => {
  const former = clock
  clock = replacement
  return () => {
    clock = former
  }
}
