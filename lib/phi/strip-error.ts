import 'server-only'

import { Prisma } from '#lib/db/generated/client.ts'
import { OutsideUnit } from '#lib/db/unit-connection.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { RecordUnavailable, VigilError } from '#lib/errors.ts'
import { RecordError } from './record-error.ts'

/** SQLSTATE classes that mean the database is not there: connection, resources, shutdown, time-outs. */
const outage = /^(?:08|53|57|58|25P03)|^(?:ECONN|EPIPE|ETIMEDOUT)|^P10(?:01|02|08|11|17)$/

/** What node-postgres says without a code once the server is gone. */
const goneWithoutCode = /^(?:Connection terminated|Client has encountered a connection error)/

/**
 * What may leave the door of an error: Prisma quotes arguments and Postgres quotes values, in texts, `meta` and
 * causes, whatever the settings. So the original is dropped, and class, code and model remain.
 */
export function stripError(error: unknown, model: string): Error {
  if (error instanceof VigilError || error instanceof OutsideUnit) return error
  if (error instanceof CryptoError) return new RecordError(model, error.code)
  const code = codeOf(error)
  if (code !== undefined && outage.test(code)) return new RecordUnavailable(`${model}: ${code}`)
  if (error instanceof Error && goneWithoutCode.test(error.message))
    return new RecordUnavailable(`${model}: connection lost`)
  return new RecordError(model, code ?? 'UNKNOWN')
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof Prisma.PrismaClientValidationError) return 'VALIDATION'
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    const state = driverCode(error.meta)
    // Prisma's own codes are what callers decide by (P2002 not unique, P2025 not there); P2010 says nothing.
    return state !== undefined && (outage.test(state) || error.code === 'P2010')
      ? state
      : shortCode(error.code)
  }
  return driverCode(error) ?? driverCode(at(error, 'meta')) ?? shortCode(at(error, 'code'))
}

/** The driver's code inside Prisma's error: `meta.driverAdapterError.cause`, or the cause of the error itself. */
function driverCode(of: unknown): string | undefined {
  for (const cause of [at(at(of, 'driverAdapterError'), 'cause'), at(of, 'cause')]) {
    const code = shortCode(at(cause, 'originalCode')) ?? shortCode(at(cause, 'code'))
    if (code !== undefined) return code
  }
  return undefined
}

function shortCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^[A-Z0-9_]{2,20}$/.test(code) ? code : undefined
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
