import 'server-only'
import { randomBytes } from 'node:crypto'
import path from 'node:path'

import { readPrivateFile } from './read-private-file.ts'
import { writePrivateFile } from './write-private-file.ts'

/** What opens the keyring: a person's passphrase, or 256 random bits from a file of their own. */
export type Credential = { readonly kind: 'passphrase' | 'file'; readonly secret: string }

export type CredentialPlace = {
  /** home of the installation; the file is `secrets/keyring-credential` in it */
  readonly home: string
  /** takes the file's place */
  readonly keyringPassphrase: string | undefined
}

export const credentialFile = (home: string): string => path.join(home, 'secrets', 'keyring-credential')

/**
 * @throws ProviderDenial, ProviderOutage when there is no passphrase and the file is not as it should be
 */
export async function readCredential(place: CredentialPlace): Promise<Credential> {
  if (place.keyringPassphrase !== undefined) return { kind: 'passphrase', secret: place.keyringPassphrase }
  return { kind: 'file', secret: (await readPrivateFile(credentialFile(place.home))).trim() }
}

/** Makes the credential file unless there is one, or a passphrase takes its place. */
export async function makeMissingCredential(place: CredentialPlace): Promise<void> {
  if (place.keyringPassphrase !== undefined) return
  const secret = randomBytes(32).toString('base64url')
  await writePrivateFile(credentialFile(place.home), `${secret}\n`, 'create').catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
}
