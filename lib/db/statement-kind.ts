import 'server-only'

/*
 * Which statements leave nothing behind on a connection. Everything the product itself sends is of this kind; any other
 * text (SET, LISTEN, DECLARE … WITH HOLD, PREPARE, a session's advisory lock) marks the connection, and a marked
 * connection is closed instead of being handed to the next person.
 */
const plain = /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|VALUES|SAVEPOINT|RELEASE|ROLLBACK|COMMIT)\b/i
const lasting = /\b(?:set_config|pg_\w*advisory\w*|pg_sleep|lo_\w+|dblink\w*|pg_notify)\b/i

const known = new Map<string, boolean>()

/** Whether a statement may change the state of its session beyond its transaction. When in doubt: yes. */
export function leavesTraces(text: string): boolean {
  const seen = known.get(text)
  if (seen !== undefined) return seen
  // A second statement behind a semicolon is not looked into: there is none in what the product sends.
  const traces = !plain.test(text) || lasting.test(text) || /;\s*\S/.test(text)
  if (known.size < 2_000) known.set(text, traces)
  return traces
}
