import 'server-only'

/** Walks over pages an element at a time, and waits only where a page ends: a promise per row costs more than its hash. */
export class Paged<T> {
  head: T | undefined
  readonly #pages: AsyncIterator<readonly T[], void, undefined>
  #page: readonly T[] = []
  #at = 0

  constructor(pages: AsyncIterable<readonly T[], void, undefined>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  /** Goes on to the next element; gives a promise where the next page has to be waited for. The first call goes to the first. */
  next(): Promise<void> | undefined {
    if (this.#at >= this.#page.length) return this.#turn()
    this.head = this.#page[this.#at]
    this.#at += 1
    return undefined
  }

  async #turn(): Promise<void> {
    do {
      const { done, value } = await this.#pages.next()
      if (done === true) {
        this.head = undefined
        this.#page = []
        this.#at = 0
        return
      }
      this.#page = value
    } while (this.#page.length === 0)
    this.head = this.#page[0]
    this.#at = 1
  }
}
