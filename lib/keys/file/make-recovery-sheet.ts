import 'server-only'

import type { Keyring } from '#lib/crypto/keyring.ts'
import { sealedKeyring, type KeyringPlace } from './keyring-file.ts'
import { lineText, sheetCodes, sheetLines } from './recovery-sheet.ts'

/** What a person in front of a safe needs: which keyring it is, and everything that opens it. */
export type PrintedSheet = {
  readonly keyring: Pick<Keyring, 'id' | 'environment' | 'serial'>
  readonly versions: readonly { readonly version: number; readonly state: string }[]
  readonly credential: 'passphrase' | 'file'
  readonly lines: readonly string[]
  readonly codes: readonly string[]
}

/**
 * Makes the sheet of the keyring that is in place. Whoever has the sheet and the key store opens every record.
 * @throws ProviderDenial, ProviderOutage
 */
export async function makeRecoverySheet(place: KeyringPlace): Promise<PrintedSheet> {
  const { text, keyring, credential } = await sealedKeyring(place)
  const content = { keyring: text, credential }
  return {
    keyring: { id: keyring.id, environment: keyring.environment, serial: keyring.serial },
    versions: keyring.versions.map(({ version, state }) => ({ version, state })),
    credential: credential.kind,
    lines: sheetLines(content).map(lineText),
    codes: sheetCodes(content),
  }
}
