import 'server-only'

const turnsSymbol = Symbol.for('vigil.sign-in-turns')

// One for the process: the bundler gives each page's actions a copy of this module.
const shared = globalThis as { [turnsSymbol]?: Map<string, Promise<unknown>> }
const turns = (shared[turnsSymbol] ??= new Map())

/** Whose turn it is: named by the token that remains when an index key is replaced. */
export const turnOf = (emailTokens: readonly Buffer[]): string => emailTokens.at(-1)?.toString('hex') ?? ''

/**
 * Runs work for the same key one after the other within this process. Attempts to guess one account's code would
 * otherwise all be checked before the first failure is counted, and a burst of a thousand would slip past the brake.
 */
export async function oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve()
  const turn = before.then(work, work)
  const settled = turn.catch(() => undefined)
  turns.set(key, settled)
  try {
    return await turn
  } finally {
    if (turns.get(key) === settled) turns.delete(key)
  }
}
