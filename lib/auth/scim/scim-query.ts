import 'server-only'

import type { z } from 'zod'
import { appQuery } from '#lib/db/app-database.ts'
import { NotConfigured, RecordUnavailable } from '#lib/errors.ts'
import { ScimRefusal } from './scim-answer.ts'

/**
 * Calls one of the functions of provisioning.
 * @throws ScimRefusal when nobody would be left who administers, somebody would change their own rights, or somebody else was given the
 * same address at this very moment; RecordUnavailable otherwise
 */
export async function scimQuery<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  values: readonly unknown[],
): Promise<z.infer<Shape>[]> {
  try {
    return (await appQuery(text, values)).map((row) => shape.parse(row))
  } catch (cause) {
    if (cause instanceof NotConfigured) throw cause
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === '55006')
      throw new ScimRefusal(409, 'Nobody’s own token or word changes what they may do.', 'mutability')
    if (code === '55000')
      throw new ScimRefusal(409, 'Nobody would be left who administers this clinic.', 'mutability')
    if (code === '23505') throw taken()
    throw new RecordUnavailable('a function of provisioning did not answer', { cause })
  }
}

/** What is not unique: an address or the provider's own id (RFC 7644 §3.3). */
export const taken = () =>
  new ScimRefusal(409, 'This userName or externalId has an account already.', 'uniqueness')
