import 'server-only'

import type { z } from 'zod'
import { appQuery } from '#lib/db/app-database.ts'
import { NotConfigured, RecordUnavailable } from '#lib/errors.ts'

/**
 * Calls one of the sign-in functions of schema app and checks the shape of what comes back.
 * @param text one statement with $1, $2 … for the values
 * @throws RecordUnavailable when the database does not answer or refuses; NotConfigured as it is
 */
export async function authQuery<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  values: readonly unknown[],
): Promise<z.infer<Shape>[]> {
  try {
    const rows = await appQuery(text, values)
    return rows.map((row) => shape.parse(row))
  } catch (cause) {
    if (cause instanceof NotConfigured) throw cause
    throw new RecordUnavailable('a sign-in function did not answer', { cause })
  }
}

/** The same for a function that answers with exactly one row. */
export async function authQueryOne<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  values: readonly unknown[],
): Promise<z.infer<Shape>> {
  const [row] = await authQuery(shape, text, values)
  if (row === undefined) throw new RecordUnavailable('a sign-in function gave no row')
  return row
}
