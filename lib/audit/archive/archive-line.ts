import 'server-only'
import { z } from 'zod'

const hash = z.base64().length(44)

/**
 * The first line of an archive: what was signed, and what leads from its leaves to the signed root. `left` are the roots of the complete
 * subtrees before the first leaf, `right` those behind the last (lib/merkle/aligned-subtrees.ts).
 */
export const archiveHeader = z.object({
  format: z.literal('vigil-archive-1'),
  /** such as 2014-03 */
  month: z.string().regex(/^[0-9]{4}-[0-9]{2}$/),
  madeAt: z.string(),
  verifierKey: z.string(),
  checkpoint: z.string(),
  incarnation: z.int().min(1),
  /** leaves from this place on */
  from: z.int().min(0),
  /** up to and without this place */
  to: z.int().min(0),
  left: z.array(hash),
  right: z.array(hash),
})
export type ArchiveHeader = z.infer<typeof archiveHeader>

/** Each line after it, in the order of the tree: an entry as it was hashed, or the hash alone of a leaf of another month. */
export const archiveLine = z.union([z.object({ data: z.string() }), z.object({ hash })])
