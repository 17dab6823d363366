import { readPartialDate } from '#lib/fhir/partial-date.ts'

const dayMilliseconds = 86_400_000

/** Time in the demo clinic, counted back from the day on which it is loaded: its newest result is always from yesterday. */
export class Calendar {
  readonly #today: number
  readonly #midnights = new Map<number, number>()

  /** `today` is the clinic's own day, `YYYY-MM-DD`. */
  constructor(today: string) {
    this.#today = Date.parse(`${today}T00:00:00Z`)
  }

  /** The day so many days ago, `YYYY-MM-DD`. */
  day(daysAgo: number): string {
    return new Date(this.#today - daysAgo * dayMilliseconds).toISOString().slice(0, 10)
  }

  /** The instant of a time of day in the clinic's zone, ISO 8601 in UTC. */
  at(daysAgo: number, hour: number, minute = 0): string {
    const known = this.#midnights.get(daysAgo)
    const midnight = known ?? readPartialDate(this.day(daysAgo))?.start.getTime() ?? 0
    if (known === undefined) this.#midnights.set(daysAgo, midnight)
    return new Date(midnight + (hour * 60 + minute) * 60_000).toISOString()
  }

  /** Whether it was a Saturday or a Sunday. */
  isWeekend(daysAgo: number): boolean {
    const weekday = new Date(this.#today - daysAgo * dayMilliseconds).getUTCDay()
    return weekday === 0 || weekday === 6
  }

  year(daysAgo: number): number {
    return Number(this.day(daysAgo).slice(0, 4))
  }
}
