import 'server-only'

import type { Keyring } from '#lib/crypto/keyring.ts'
import { ProviderDenial } from '#lib/keys/key-provider.ts'
import {
  prepareNextCredential,
  promoteNextCredential,
  readCredentials,
  type Credential,
  type CredentialPlace,
} from './credential.ts'
import { openKeyring, sealKeyring } from './keyring-document.ts'
import { readPrivateFile } from './read-private-file.ts'
import { writePrivateFile } from './write-private-file.ts'

export type KeyringPlace = CredentialPlace & { readonly keyringFile: string }

/**
 * Opens the keyring of an installation.
 * @throws ProviderDenial, ProviderOutage
 */
export async function readKeyringFile(place: KeyringPlace): Promise<Keyring> {
  return (await openFile(place)).keyring
}

/** Puts a first keyring in place. Fails with EEXIST when there is one. */
export async function createKeyringFile(place: KeyringPlace, keyring: Keyring): Promise<void> {
  const [credential] = await readCredentials(place)
  if (!credential) throw new ProviderDenial('There is no credential to seal the keyring by.')
  await writePrivateFile(place.keyringFile, await sealKeyring(keyring, credential), 'create')
}

/**
 * Replaces the keyring by a changed one. Callers hold a lock (one operator at a time); a keyring that was exchanged
 * meanwhile is refused all the same. Nothing is written when `change` returns the very same value.
 * @throws ProviderDenial, ProviderOutage
 */
export async function changeKeyringFile(
  place: KeyringPlace,
  change: (keyring: Keyring) => Keyring,
): Promise<Keyring> {
  const { keyring, credential } = await openFile(place)
  const after = change(keyring)
  if (after !== keyring) await replace(place, keyring, await sealKeyring(after, credential))
  return after
}

/**
 * Seals the keyring by a new credential. Until the new one has taken the place of the old, both lie there and either one is
 * tried: a process killed in between leaves a keyring that opens.
 * @throws Refused when there is no new passphrase; ProviderDenial, ProviderOutage
 */
export async function renewCredential(place: KeyringPlace): Promise<Keyring> {
  const { keyring, credential, isNext } = await openFile(place)
  // Killed before its last step, an earlier renewal has left the keyring sealed by what lies beside the credential.
  if (isNext && credential.kind === 'file') await promoteNextCredential(place)
  const next = await prepareNextCredential(place)
  const after: Keyring = { ...keyring, serial: keyring.serial + 1 }
  await replace(place, keyring, await sealKeyring(after, next))
  if (next.kind === 'file') await promoteNextCredential(place)
  return after
}

async function replace(place: KeyringPlace, before: Keyring, text: string): Promise<void> {
  const { keyring } = await openFile(place)
  if (keyring.serial !== before.serial)
    throw new ProviderDenial('The keyring was changed by someone else just now.')
  await writePrivateFile(place.keyringFile, text, 'replace')
}

/**
 * The keyring as it lies in its file, and what opens it: for the recovery sheet alone.
 * @throws ProviderDenial, ProviderOutage
 */
export const sealedKeyring = (
  place: KeyringPlace,
): Promise<{ readonly text: string; readonly keyring: Keyring; readonly credential: Credential }> =>
  openFile(place)

type Opened = {
  readonly text: string
  readonly keyring: Keyring
  readonly credential: Credential
  readonly isNext: boolean
}

/** Tries what may open it. A renewal may replace file and credential between two looks at them, so a failure looks again. */
async function openFile(place: KeyringPlace): Promise<Opened> {
  const tried = new Set<string>()
  let refusal: unknown
  for (let look = 0; look < 3; look += 1) {
    const text = await readPrivateFile(place.keyringFile)
    const credentials = await readCredentials(place)
    for (const [at, credential] of credentials.entries()) {
      const pair = `${credential.secret} ${text}`
      if (tried.has(pair)) continue
      tried.add(pair)
      try {
        return { text, keyring: await openKeyring(text, credential), credential, isNext: at > 0 }
      } catch (error) {
        refusal ??= error
      }
    }
  }
  throw refusal
}
