/** What is being written. */
export type DraftText = {
  noteClass: string
  encounterId: string
  title: string
  body: string
  reason: string
}

export type SaveState =
  | { kind: 'untouched' }
  | { kind: 'unsaved' }
  | { kind: 'saving' }
  | { kind: 'saved'; savedAt: string }
  /** Tried, and tried again until it works. */
  | { kind: 'failed' }
  | { kind: 'signed-out' }
  /** The draft was changed in another tab or window. */
  | { kind: 'conflict' }
  | { kind: 'refused'; message: string }

type Settings = {
  address: string
  noteId: string
  versionId: string
  revision: number
  /** When the draft was last saved; null for one that does not exist yet. */
  savedAt: string | null
  initial: DraftText
}

/** UX: a shorter pause loses less than the ten seconds of others. */
const pauseMilliseconds = 3000
const retryMilliseconds = 10_000

/**
 * Keeps what somebody writes on the server and nowhere in the browser: three seconds after typing stops, and at once
 * when asked. Saves go out one after the other, each with the revision that the one before brought back.
 */
export class DraftSaver {
  #text: DraftText
  #savedText: string
  #revision: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: Promise<boolean> | null = null
  #stopped = false
  #paused = false
  #state: SaveState
  readonly #listeners = new Set<() => void>()
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
    this.#state =
      settings.savedAt === null ? { kind: 'untouched' } : { kind: 'saved', savedAt: settings.savedAt }
    this.#text = settings.initial
    this.#savedText = JSON.stringify(settings.initial)
    this.#revision = settings.revision
  }

  /** Calls back whenever the state changes; returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly state = (): SaveState => this.#state

  get revision(): number {
    return this.#revision
  }

  /** The text changed: it is saved after a pause. */
  change(text: DraftText): void {
    this.#text = text
    clearTimeout(this.#timer)
    if (this.#stopped || this.#paused || !this.#isDirty) return
    this.#become({ kind: 'unsaved' })
    this.#timer = setTimeout(() => void this.save(), pauseMilliseconds)
  }

  /**
   * Saves now what is not saved yet.
   * @param leaving the page may be gone before the answer comes
   * @returns whether something was saved
   */
  async save(leaving = false): Promise<boolean> {
    clearTimeout(this.#timer)
    // Several may have waited for the same one: the first of them sends, and the others wait for that one too.
    while (this.#running) await this.#running
    if (this.#stopped || this.#paused || !this.#isDirty) return false
    this.#running = this.#send(leaving)
    const saved = await this.#running
    this.#running = null
    return saved
  }

  /** Waits for a save that is under way and sends no other: the form itself carries the text now. */
  async pause(): Promise<void> {
    this.#paused = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** Goes on saving after a pause. */
  resume(): void {
    this.#paused = false
    this.change(this.#text)
  }

  /** Nothing more is sent: the page is left, or the draft is not ours to write any more. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  get #isDirty(): boolean {
    return JSON.stringify(this.#text) !== this.#savedText
  }

  async #send(leaving: boolean): Promise<boolean> {
    const { address, noteId, versionId } = this.#settings
    const sending = JSON.stringify(this.#text)
    this.#become({ kind: 'saving' })
    try {
      const response = await post(
        address,
        JSON.stringify({ ...this.#text, noteId, versionId, revision: this.#revision }),
        leaving,
      )
      const state = await readAnswer(response)
      if (state.kind === 'written') {
        this.#savedText = sending
        this.#revision = state.revision
        this.#become(this.#isDirty ? { kind: 'unsaved' } : { kind: 'saved', savedAt: state.savedAt })
        return true
      }
      if (state.kind !== 'failed') this.stop()
      else this.#retryLater()
      this.#become(state)
    } catch {
      this.#retryLater()
      this.#become({ kind: 'failed' })
    }
    return false
  }

  #become(state: SaveState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }

  #retryLater(): void {
    clearTimeout(this.#timer)
    if (!this.#stopped) this.#timer = setTimeout(() => void this.save(), retryMilliseconds)
  }
}

/** Browsers keep a request alive after the page only while it is small; a long note is sent as usual. */
const keepaliveBytesMax = 60_000

function post(address: string, body: string, leaving: boolean): Promise<Response> {
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    cache: 'no-store',
    keepalive: leaving && new Blob([body]).size < keepaliveBytesMax,
  })
}

type Answer = { kind: 'written'; revision: number; savedAt: string } | Exclude<SaveState, { kind: 'saved' }>

async function readAnswer(response: Response): Promise<Answer> {
  if (response.status === 401) return { kind: 'signed-out' }
  const answer: unknown = await response.json().catch(() => null)
  if (typeof answer !== 'object' || answer === null) return { kind: 'failed' }
  const { kind, revision, savedAt, message } = answer as Record<string, unknown>
  if (response.ok && kind === 'written' && typeof revision === 'number' && typeof savedAt === 'string')
    return { kind, revision, savedAt }
  if (response.status === 409) return { kind: 'conflict' }
  if (response.status === 422) {
    return { kind: 'refused', message: typeof message === 'string' ? message : 'This text cannot be saved' }
  }
  return response.status >= 500
    ? { kind: 'failed' }
    : { kind: 'refused', message: 'This draft cannot be saved any more' }
}
