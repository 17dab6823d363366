import 'server-only'

import { now } from '#lib/clock.ts'
import {
  activeKeyringVersion,
  addKeyringVersion,
  changeKeyringState,
  type Keyring,
} from '#lib/crypto/keyring.ts'
import type { KeyCustody } from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import { changeKeyringFile, renewCredential, type KeyringPlace } from './keyring-file.ts'

/**
 * Changes the keyring file for an operator: under the key store's lock, so that two do it one after the other on whatever
 * machine, and with its serial noted there, so that the former file is refused from then on.
 */
export function fileCustody(place: KeyringPlace, record: KeyringRecord): KeyCustody {
  const changed = (work: () => Promise<Keyring>, signal: AbortSignal): Promise<Keyring> =>
    record.exclusively(async () => {
      signal.throwIfAborted()
      const keyring = await work()
      await record.noteSerial(keyring.serial, signal)
      return keyring
    }, signal)

  return {
    async addVersion(signal) {
      const keyring = await changed(() => changeKeyringFile(place, withNewActive), signal)
      return activeKeyringVersion(keyring).version
    },
    async setState(version, state, signal) {
      const isThere = (keyring: Keyring) =>
        keyring.versions.some((each) => each.version === version && each.state === state)
      await changed(
        () =>
          changeKeyringFile(place, (keyring) =>
            isThere(keyring) ? keyring : changeKeyringState(keyring, version, state),
          ),
        signal,
      )
    },
    async renewRoot(signal) {
      await changed(() => renewCredential(place), signal)
    },
  }
}

/** In one replacement of the file, so that a kill leaves no version behind that does nothing. */
function withNewActive(keyring: Keyring): Keyring {
  const added = addKeyringVersion(keyring, now())
  return changeKeyringState(added, Math.max(...added.versions.map((each) => each.version)), 'active')
}
