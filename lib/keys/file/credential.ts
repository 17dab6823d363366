import 'server-only'
import { randomBytes } from 'node:crypto'
import path from 'node:path'

import { Refused } from '#lib/errors.ts'
import { isThere } from './is-there.ts'
import { movePrivateFile } from './move-private-file.ts'
import { readPrivateFile } from './read-private-file.ts'
import { writePrivateFile } from './write-private-file.ts'

/** What opens the keyring: a person's passphrase, or 256 random bits from a file of their own. */
export type Credential = { readonly kind: 'passphrase' | 'file'; readonly secret: string }

export type CredentialPlace = {
  /** home of the installation; the file is `secrets/keyring-credential` in it */
  readonly home: string
  /** takes the file's place */
  readonly keyringPassphrase: string | undefined
  /** is to take its place: known to every process before the keyring is sealed by it */
  readonly keyringPassphraseNext?: string | undefined
}

export const credentialFile = (home: string): string => path.join(home, 'secrets', 'keyring-credential')

/** A credential that is about to replace the other; beside it, so that either one opens the keyring in between. */
const nextFile = (home: string): string => `${credentialFile(home)}.next`

/**
 * What may open the keyring now, likeliest first. More than one only while a credential is being replaced.
 * @throws ProviderDenial, ProviderOutage when there is no passphrase and the file is not as it should be
 */
export async function readCredentials(place: CredentialPlace): Promise<Credential[]> {
  const found: Credential[] = []
  if (place.keyringPassphrase === undefined) {
    found.push(await readFileCredential(credentialFile(place.home)))
    if (await isThere(nextFile(place.home))) {
      const next = await readFileCredential(nextFile(place.home)).catch(() => undefined)
      if (next) found.push(next)
    }
  } else found.push({ kind: 'passphrase', secret: place.keyringPassphrase })
  if (place.keyringPassphraseNext !== undefined)
    found.push({ kind: 'passphrase', secret: place.keyringPassphraseNext })
  return found
}

/** Makes the credential file unless there is one, or a passphrase takes its place. */
export async function makeMissingCredential(place: CredentialPlace): Promise<void> {
  if (place.keyringPassphrase !== undefined) return
  await writePrivateFile(credentialFile(place.home), newSecret(), 'create').catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
}

/**
 * The credential that shall replace the present one; a new file is in place beside the old one on return.
 * @throws Refused when the present one is a passphrase and the settings name no other
 */
export async function prepareNextCredential(place: CredentialPlace): Promise<Credential> {
  if (place.keyringPassphraseNext !== undefined)
    return { kind: 'passphrase', secret: place.keyringPassphraseNext }
  if (place.keyringPassphrase !== undefined)
    throw new Refused(
      'The keyring opens with a passphrase: set the new one as KEYRING_PASSPHRASE_NEXT for every process of Vigil, restart them, and call this again.',
    )
  await writePrivateFile(nextFile(place.home), newSecret(), 'replace')
  return readFileCredential(nextFile(place.home))
}

/** Puts the next credential file in the place of the present one, once the keyring is sealed by it. */
export async function promoteNextCredential(place: CredentialPlace): Promise<void> {
  if (await isThere(nextFile(place.home)))
    await movePrivateFile(nextFile(place.home), credentialFile(place.home))
}

/**
 * What a restored keyring is to be sealed by: the passphrase of the settings, or else the credential of the sheet, put into its file
 * if none is there.
 * @throws Refused when another credential is there
 */
export async function restoreCredential(place: CredentialPlace, from: Credential): Promise<Credential> {
  if (place.keyringPassphrase !== undefined) return { kind: 'passphrase', secret: place.keyringPassphrase }
  const secret = from.kind === 'file' ? `${from.secret}\n` : newSecret()
  await writePrivateFile(credentialFile(place.home), secret, 'create').catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  const present = await readFileCredential(credentialFile(place.home))
  if (from.kind === 'file' && present.secret !== from.secret)
    throw new Refused(
      `${credentialFile(place.home)} holds another credential than the sheet: move it away first.`,
    )
  return present
}

const newSecret = (): string => `${randomBytes(32).toString('base64url')}\n`

async function readFileCredential(file: string): Promise<Credential> {
  return { kind: 'file', secret: (await readPrivateFile(file)).trim() }
}
