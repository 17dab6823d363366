import 'server-only'

import type { Keyring } from '#lib/crypto/keyring.ts'
import { ProviderDenial } from '#lib/keys/key-provider.ts'
import { readCredential, type CredentialPlace } from './credential.ts'
import { openKeyring, sealKeyring } from './keyring-document.ts'
import { readPrivateFile } from './read-private-file.ts'
import { writePrivateFile } from './write-private-file.ts'

export type KeyringPlace = CredentialPlace & { readonly keyringFile: string }

/**
 * Opens the keyring of an installation.
 * @throws ProviderDenial, ProviderOutage
 */
export async function readKeyringFile(place: KeyringPlace): Promise<Keyring> {
  const text = await readPrivateFile(place.keyringFile)
  return openKeyring(text, await readCredential(place))
}

/** Puts a first keyring in place. Fails with EEXIST when there is one. */
export async function createKeyringFile(place: KeyringPlace, keyring: Keyring): Promise<void> {
  await writePrivateFile(place.keyringFile, await sealKeyring(keyring, await readCredential(place)), 'create')
}

/**
 * Replaces the keyring by a changed one. Callers hold a lock (one operator at a time); a keyring that was exchanged
 * meanwhile is refused all the same.
 * @throws ProviderDenial, ProviderOutage
 */
export async function changeKeyringFile(
  place: KeyringPlace,
  change: (keyring: Keyring) => Keyring,
): Promise<Keyring> {
  const before = await readKeyringFile(place)
  const after = change(before)
  const text = await sealKeyring(after, await readCredential(place))
  const present = await readKeyringFile(place)
  if (present.serial !== before.serial)
    throw new ProviderDenial('The keyring was changed by someone else just now.')
  await writePrivateFile(place.keyringFile, text, 'replace')
  return after
}
