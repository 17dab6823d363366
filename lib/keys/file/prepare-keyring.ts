import 'server-only'

import { now } from '#lib/clock.ts'
import { checkKeyring, createKeyring } from '#lib/crypto/keyring.ts'
import type { WantedKeyring } from '#lib/keys/provider-entry.ts'
import { makeMissingCredential } from './credential.ts'
import { isThere } from './is-there.ts'
import { createKeyringFile, readKeyringFile, type KeyringPlace } from './keyring-file.ts'

/**
 * Finds the keyring file, or makes one together with its credential when `wanted` says what it shall be.
 * @returns undefined when there is none and none is wanted
 */
export async function prepareKeyring(
  place: KeyringPlace,
  wanted: WantedKeyring | undefined,
): Promise<{ id: string; environment: string; serial: number } | undefined> {
  if (!(await isThere(place.keyringFile))) {
    if (!wanted) return undefined
    await makeMissingCredential(place)
    await createKeyringFile(place, firstKeyring(wanted)).catch((error: unknown) => {
      // Another process made one in the same moment; that one counts.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    })
  }
  const { id, environment, serial } = await readKeyringFile(place)
  return { id, environment, serial }
}

/** Numbers go on where a former keyring of this installation ended, so that none ever means two keys. */
function firstKeyring({ id, environment, serial, version }: WantedKeyring) {
  const keyring = createKeyring(id, environment, now())
  return checkKeyring({
    ...keyring,
    serial,
    versions: keyring.versions.map((each) => ({ ...each, version })),
  })
}
