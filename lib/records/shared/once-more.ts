import 'server-only'

import { RecordError } from '#lib/phi/record-error.ts'

/**
 * Runs a write that gives its rows ids out of the form's idempotency key. Where the same form arrives twice at once,
 * the second one runs into the first one's row (unique violation), or into one that the first has closed for good (check
 * violation): run again, it finds that row and reports it as done.
 * @throws RecordError P2002 when even then the ids are taken, by something that is not this write
 */
export async function onceMore<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (isTaken(error) || isClosed(error)) return write()
    throw error
  }
}

/** Whether a write met a row that has its id or another value that must be unique. */
export function isTaken(error: unknown): error is RecordError {
  return error instanceof RecordError && (error.code === 'P2002' || error.code === '23505')
}

/** Whether a write met a row that was signed since it was read. Prisma has no code of its own for what a trigger refuses. */
function isClosed(error: unknown): boolean {
  return error instanceof RecordError && (error.code === 'P2039' || error.code === '23514')
}
