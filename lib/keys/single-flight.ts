import 'server-only'

import { giveUpOn } from './give-up-on.ts'

type Flight<T> = { readonly result: Promise<T>; readonly controller: AbortController; waiting: number }

/**
 * Lets callers who ask for the very same thing at the same time share one call. Each may give up by its own signal; the
 * call itself is given up when nobody waits for it any more.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** @throws the signal's reason when it fires first, or what the work throws */
  async join(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const flight = this.#flights.get(key) ?? this.#begin(key, work)
    flight.waiting += 1
    try {
      return await giveUpOn(signal, flight.result)
    } finally {
      flight.waiting -= 1
      if (flight.waiting === 0) this.#land(key, flight)
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const flight: Flight<T> = { result: work(controller.signal), controller, waiting: 0 }
    this.#flights.set(key, flight)
    const over = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    flight.result.then(over, over)
    return flight
  }

  /** Nobody waits any more. Whoever asks from now on gets a call of their own. */
  #land(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) !== flight) return
    this.#flights.delete(key)
    flight.controller.abort()
  }
}
