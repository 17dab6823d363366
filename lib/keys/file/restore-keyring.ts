import 'server-only'
import type { Pool } from 'pg'

import type { Keyring } from '#lib/crypto/keyring.ts'
import { Refused } from '#lib/errors.ts'
import { readKeyringStates } from '#lib/keys/keyring-states.ts'
import { keysUnder } from '#lib/keys/keys-under.ts'
import { restoreCredential } from './credential.ts'
import { openKeyring, sealKeyring } from './keyring-document.ts'
import type { KeyringPlace } from './keyring-file.ts'
import type { RecoverySheet } from './recovery-sheet.ts'
import { isThere } from './is-there.ts'
import { writePrivateFile } from './write-private-file.ts'

/**
 * Puts the keyring of a recovery sheet in place, where none is. It gets a serial above all that the key store has seen, so that no
 * older file counts any more, and the sheet itself stays good.
 * @throws Refused when a keyring or another credential is in place, when the sheet belongs to another installation, or when it
 * is too old: printed before a rotation whose version keys are under by now
 */
export async function restoreKeyring(
  place: KeyringPlace,
  sheet: RecoverySheet,
  database: Pool,
): Promise<Keyring> {
  if (await isThere(place.keyringFile))
    throw new Refused(`${place.keyringFile} is there: move it away first, if it is really to be replaced.`)
  const keyring = await openKeyring(sheet.keyring, sheet.credential)
  const state = (await readKeyringStates(database)).find((each) => each.provider === 'file')
  if (state && (state.keyring_id !== keyring.id || state.environment !== keyring.environment))
    throw new Refused('The sheet belongs to another installation than the key store.')
  const held = new Set(
    keyring.versions.filter((each) => each.state !== 'destroyed').map((each) => each.version),
  )
  const missing = (await keysUnder(database)).filter(
    (each) => each.provider === 'file' && !held.has(each.version),
  )
  if (missing.length > 0)
    throw new Refused(
      `The sheet is too old: keys are under version ${missing.map((each) => each.version).join(', ')} by now, which it does not hold. Use the one printed after the last rotation.`,
    )
  const serial = Math.max(keyring.serial, state?.serial ?? 0) + 1
  const restored: Keyring = { ...keyring, serial }
  const credential = await restoreCredential(place, sheet.credential)
  await writePrivateFile(place.keyringFile, await sealKeyring(restored, credential), 'create')
  return restored
}
