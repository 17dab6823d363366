import 'server-only'
import type { Anchor } from '#lib/audit/seal/anchor.ts'
import type { Places } from '#lib/audit/seal/publisher.ts'
import { parseVerifierKey } from '#lib/merkle/note-key.ts'
import type { Env } from '#lib/parse-env.ts'
import { openBucketAnchor } from './bucket-anchor.ts'
import { anchorFile, openFileAnchor } from './file-anchor.ts'
import { openHttpWitness } from './http-witness.ts'
import { openBucket } from './open-bucket.ts'
import { readVerifierKey } from './seal-key.ts'
import { witnessAnchor } from './witness-anchor.ts'

/** The places outside the database that checkpoints go to. */
export type Anchors = Places & {
  /** all of them, to be asked what they hold */
  readonly all: readonly Anchor[]
}

/**
 * Opens the anchors that the settings name: the file in the home always, witnesses and a bucket when there are any.
 * @throws NotConfigured when the bucket's package is not installed
 */
export const openAnchors = async (env: Env): Promise<Anchors> => {
  const file = openFileAnchor(anchorFile(env.home))
  const witnesses = env.witnesses.map(({ url, key }) => openHttpWitness(url, parseVerifierKey(key)))
  const base = witnesses.length === 0 ? '' : readVerifierKey(env.home, 1).name.replace(/[/]1$/, '')
  const bucket = env.anchorBucket && {
    anchor: openBucketAnchor(env.anchorBucket, await openBucket(env.anchorBucket)),
    everySeconds: env.anchorBucket.minutes * 60,
  }
  return {
    file,
    witnesses,
    quorum: env.witnessQuorum,
    bucket,
    all: [file, ...witnesses.map((each) => witnessAnchor(each, base)), ...(bucket ? [bucket.anchor] : [])],
  }
}
