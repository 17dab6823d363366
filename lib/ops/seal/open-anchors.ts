import 'server-only'
import type { Anchor } from '#lib/audit/seal/anchor.ts'
import type { Env } from '#lib/parse-env.ts'
import { anchorFile, openFileAnchor } from './file-anchor.ts'

/** The places outside the database that checkpoints go to. */
export type Anchors = {
  readonly file: Anchor
  /** all that can be asked what they hold */
  readonly all: readonly Anchor[]
}

/** Opens the anchors that the settings name: the file in the home. */
export const openAnchors = (env: Env): Promise<Anchors> => {
  const file = openFileAnchor(anchorFile(env.home))
  return Promise.resolve({ file, all: [file] })
}
