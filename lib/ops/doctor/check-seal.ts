import 'server-only'
import { existsSync, statSync } from 'node:fs'
import type { Client } from 'pg'

import { anchorFile } from '#lib/ops/seal/file-anchor.ts'
import { sealKeyFile, verifierKeyFile } from '#lib/ops/seal/seal-key.ts'
import type { Env } from '#lib/parse-env.ts'
import { type Check, finding, fine } from './finding.ts'

type Status = {
  tree_size: string | null
  anchored_size: string | null
  stale: boolean | null
  verified_size: string | null
  verified_ok: boolean | null
}

/** The seal of the audit trail: its key, its anchor, how far it is, and what the last verification found. */
export const checkSeal = async (client: Client, env: Env): Promise<Check[]> => {
  const { rows } = await client.query<Status>(
    `SELECT tree_size, anchored_size, oldest_unsealed_at < clock_timestamp() - interval '60 seconds' AS stale, verified_size, verified_ok
       FROM audit.seal_status()`,
  )
  return [
    checkKey(rows[0], env),
    checkProgress(rows[0], env),
    await checkPlaces(client),
    checkVerified(rows[0]),
  ]
}

const checkKey = (status: Status | undefined, env: Env): Check => {
  const file = sealKeyFile(env.home)
  if (!existsSync(file) || !existsSync(verifierKeyFile(env.home)))
    return status?.tree_size == null
      ? fine('audit seal: key', 'made at the first start')
      : finding(
          'audit seal: key',
          `${file} is not there: put the folder back from its copy, nothing can be sealed without it.`,
        )
  return (statSync(file).mode & 0o077) === 0
    ? fine('audit seal: key', 'readable by its owner alone')
    : finding('audit seal: key', `others may read ${file}: run chmod 600 on it.`)
}

const checkProgress = (status: Status | undefined, env: Env): Check => {
  if (status?.tree_size == null) return fine('audit seal: progress', 'begins with the first start')
  if (status.stale === true)
    return finding(
      'audit seal: progress',
      'entries wait to be sealed for more than a minute: is Vigil running? See what the log says of "audit.seal", and run "vigil audit verify".',
    )
  if (status.anchored_size === null || !existsSync(anchorFile(env.home)))
    return finding(
      'audit seal: progress',
      `no checkpoint is anchored: put ${anchorFile(env.home)} back, or find who took it away.`,
    )
  return fine('audit seal: progress', `${status.tree_size} leaves, anchored through ${status.anchored_size}`)
}

/** Witnesses and the bucket: whether they answer, and know no other history. */
const checkPlaces = async (client: Client): Promise<Check> => {
  const { rows } = await client.query<{
    anchor: string
    failure: 'away' | 'differs' | null
    long: boolean | null
  }>(
    `SELECT a.anchor, a.failure, a.failing_since < clock_timestamp() - interval '60 seconds' AS long FROM audit.anchor_status() a WHERE a.kind <> 'file'`,
  )
  const differing = rows.filter(({ failure }) => failure === 'differs').map(({ anchor }) => anchor)
  if (differing.length > 0)
    return finding(
      'audit seal: witnesses',
      `${differing.join(', ')}: holds another history than the database, so sealing stands still. Was a backup put back? Then state it with "vigil audit restore-ack"; see docs/audit-trail.md.`,
    )
  const away = rows
    .filter(({ failure, long }) => failure === 'away' && long === true)
    .map(({ anchor }) => anchor)
  if (away.length > 0)
    return finding(
      'audit seal: witnesses',
      `${away.join(', ')}: no answer for more than a minute. Entries go on being sealed, and count as published when it answers: see that it runs and can be reached.`,
    )
  return fine(
    'audit seal: witnesses',
    rows.length === 0 ? 'none is set up; the file in the home is the only anchor' : `${rows.length} answer`,
  )
}

const checkVerified = (status: Status | undefined): Check => {
  if (status?.verified_ok === false)
    return finding(
      'audit seal: verified',
      'the last verification found changes: run "vigil audit verify" and see docs/audit-trail.md.',
    )
  return fine(
    'audit seal: verified',
    status?.verified_size == null
      ? 'not yet; it happens daily by itself'
      : `through leaf ${status.verified_size}, nothing was changed`,
  )
}
