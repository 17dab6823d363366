import 'server-only'
import { randomUUID } from 'node:crypto'

import { appQuery } from '#lib/db/app-database.ts'
import { beforePoolsEnd } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { attestationKeyFile, makeMissingAttestationKey } from './attestation-key.ts'
import { Writer, type Call } from './writer.ts'

const settleMilliseconds = 60_000

type Login = 'app' | 'worker'
type Shared = { writer: Writer; login: Login }

/* Next.js may load a module once for each bundle of one process; there is still to be one count of calls. */
const place: unique symbol = Symbol.for('vigil.trail-writer')
const shared: typeof globalThis & { [place]?: Shared | undefined } = globalThis

/**
 * Opens a call of this process that writes into the trail.
 * @param login whose connection it is sent over
 * @throws NotConfigured when the process has no secret to vouch with
 */
export function openCall(login: Login): Call {
  const present = (shared[place] ??= begin(login))
  present.login = login
  return present.writer.call()
}

function begin(login: Login): Shared {
  const key = makeMissingAttestationKey(env.attestationKeyFile ?? attestationKeyFile(env.home))
  // What is answered is settled by the next call. Where none comes for a minute, or never again, it is settled by itself.
  setInterval(() => void settleWriter(), settleMilliseconds).unref()
  beforePoolsEnd(settleWriter)
  return { writer: new Writer(randomUUID(), key), login }
}

/**
 * Says in the trail that all answered calls of this process are settled, unless that is said already: from then on a
 * missing row of any of them is noticed. A failure is tried again by the next call.
 */
export async function settleWriter(): Promise<void> {
  const present = shared[place]
  if (present?.writer.isAhead !== true) return
  await present.writer
    .settle((attestation) => appQuery('SELECT audit.settle_writer($1)', [attestation], present.login))
    .catch(() => undefined)
}
