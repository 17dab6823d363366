import pg from 'pg'

/** Everything that was sent to any database while `work` ran: texts and parameters, as one text each. */
export async function recordStatements(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = []
  const original = pg.Client.prototype.query
  function spied(this: pg.Client, ...given: Parameters<typeof original>) {
    const [config, values] = given as unknown as [
      string | { text: string; values?: unknown[] },
      unknown[] | undefined,
    ]
    const text = typeof config === 'string' ? config : config.text
    const parameters = (typeof config === 'string' ? values : config.values) ?? []
    sent.push(`${text} -- ${parameters.map(asText).join(' | ')}`)
    return original.apply(this, given)
  }
  pg.Client.prototype.query = spied as unknown as typeof original
  try {
    await work()
  } finally {
    pg.Client.prototype.query = original
  }
  return sent
}

function asText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (Array.isArray(value)) return value.map(asText).join(',')
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Statements that touch patients' tables; setting up and ending a unit does not. */
export function onRecords(statements: readonly string[]): string[] {
  return statements.filter((text) => /"phi"\.|phi\./.test(text))
}
