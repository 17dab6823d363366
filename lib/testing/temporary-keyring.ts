import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createKeyring, type Keyring } from '#lib/crypto/keyring.ts'
import { makeMissingCredential } from '#lib/keys/file/credential.ts'
import { createKeyringFile, type KeyringPlace } from '#lib/keys/file/keyring-file.ts'

/** A home with nothing but a credential and a keyring, that goes away on `close`. */
export async function temporaryKeyring(
  id: string,
  environment = 'demo',
  keyringPassphrase?: string,
): Promise<
  KeyringPlace & { keyring: Keyring; close: () => void; hide: () => () => void; open: () => () => void }
> {
  const home = mkdtempSync(path.join(tmpdir(), 'vigil-keyring-'))
  const keyringFile = path.join(home, 'keys', 'keyring.json')
  const place = { home, keyringFile, keyringPassphrase }
  await makeMissingCredential(place)
  const keyring = createKeyring(id, environment, new Date(0))
  await createKeyringFile(place, keyring)
  return {
    ...place,
    keyring,
    close: () => {
      rmSync(home, { recursive: true, force: true })
    },
    /** moves the file away, as an unmounted disk would */
    hide: () => {
      renameSync(keyringFile, `${keyringFile}.away`)
      return () => {
        renameSync(`${keyringFile}.away`, keyringFile)
      }
    },
    /** lets everybody read the file */
    open: () => {
      chmodSync(keyringFile, 0o644)
      return () => {
        chmodSync(keyringFile, 0o600)
      }
    },
  }
}
