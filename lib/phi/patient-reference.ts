import 'server-only'

import { pseudonym } from '#lib/crypto/pseudonym.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'

/**
 * The opaque references under which compliance sees patients: keyed, the same in every search, and no way back to the
 * patient without the key. "P-" and ten characters.
 */
export async function patientReferences(patients: Iterable<string>): Promise<Map<string, string>> {
  const key = await (await processKeyStore()).identityKey()
  return new Map(
    [...new Set(patients)].map((patient) => [
      patient,
      `P-${pseudonym(key, 'compliance', patient).replaceAll(/[-_]/g, '').slice(0, 10).toUpperCase()}`,
    ]),
  )
}
