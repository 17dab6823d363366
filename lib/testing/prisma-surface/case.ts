import type { RecordCast } from '#lib/testing/record-cast.ts'

/** A client whose calls are looked up by name: the types of the real one do not let most of these be written down. */
export type Loose = Readonly<Record<string, Readonly<Record<string, (args?: unknown) => Promise<unknown>>>>>

/** What a case works with. */
export type Stage = {
  /** the door's client, within a unit of work that may write */
  readonly record: Loose
  /** Prisma's client with the extension on it, as somebody who works on the door could hold it */
  readonly extended: Loose & Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>
  readonly patient: string
  readonly other: string
  /** a visit with three results: `result 1` to `result 3`, codes `code 1` to `code 3`, numbers 1.5 to 3.5 */
  readonly encounter: string
  readonly results: readonly string[]
  readonly mrn: string
  readonly records: RecordCast
  /** Runs work as the author of the note, who may also delete. */
  asAuthor<T>(work: (record: Loose) => Promise<T>): Promise<T>
}

/**
 * One way of calling Prisma, and what comes of it: `right`, with what it gives, or `refused`, before a value or a change was
 * sent. `call` is what the table in docs/encryption.md shows.
 */
export type SurfaceCase = {
  readonly call: string
  readonly comes: 'right' | 'refused'
  /** in words, for the table */
  readonly how: string
  readonly run: (stage: Stage) => Promise<unknown>
  /** of a case that is right */
  readonly gives?: unknown
}

export type SurfaceArea = { readonly title: string; readonly cases: readonly SurfaceCase[] }

export const right = (call: string, how: string, gives: unknown, run: SurfaceCase['run']): SurfaceCase => ({
  call,
  comes: 'right',
  how,
  gives,
  run,
})

export const refused = (call: string, how: string, run: SurfaceCase['run']): SurfaceCase => ({
  call,
  comes: 'refused',
  how,
  run,
})

/** An operation of a model. */
export const call = (of: Loose, model: string, operation: string, args?: unknown): Promise<unknown> => {
  const run = of[model]?.[operation]
  if (!run) throw new Error(`there is no ${model}.${operation}`)
  return run(args)
}

export const at = new Date('2026-03-01T10:00:00Z')
export const canary = 'a value that must never be sent'
export const id = { select: { id: true } } as const
