import 'server-only'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { Refused } from '#lib/errors.ts'
import {
  formatVerifierKey,
  makeSignerKey,
  parseVerifierKey,
  readSignerKey,
  verifierKey,
  type SignerKey,
  type VerifierKey,
} from '#lib/merkle/note-key.ts'
import { writeOnce } from './write-once.ts'

/*
 * The sealer's key lies in a file of its own, mode 0600, in the home's `seal`: neither in a database nor among the secrets
 * that a web process is told. The public half lies beside the anchor, where whoever verifies finds it.
 */
/** Where the private half lies. */
export const sealKeyFile = (home: string): string => path.join(home, 'seal', 'key.pem')
const nameFile = (home: string): string => path.join(home, 'seal', 'name')

/** Where the public half is written: hand this file to whoever is to check the trail. */
export const verifierKeyFile = (home: string): string => path.join(home, 'anchor', 'verifier-key.txt')

/** The host that origins begin with: the clinic's own, as people type it. */
export const originHost = (url: string): string => new URL(url).host.replaceAll('+', '-')

/**
 * Makes the key of an installation where there is none, and its name, which no other installation has.
 * @param url address of the portal
 */
export const makeMissingSealKey = (home: string, url: string): void => {
  const base = `${originHost(url)}/audit/${randomUUID().slice(0, 8)}`
  const signer = makeSignerKey(base)
  writeOnce(sealKeyFile(home), signer.key.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  writeOnce(nameFile(home), `${base}\n`, 0o600)
  writeOnce(verifierKeyFile(home), `${formatVerifierKey(readSealKey(home, 1).verifier)}\n`, 0o644)
}

/**
 * The sealer's key under the name of an incarnation.
 * @throws Refused when it is not there
 */
export const readSealKey = (home: string, incarnation: number): SignerKey => {
  try {
    const base = readFileSync(nameFile(home), 'utf8').trim()
    return readSignerKey(`${base}/${incarnation}`, readFileSync(sealKeyFile(home), 'utf8'))
  } catch (cause) {
    throw new Refused(
      `The key that seals the audit trail cannot be read in ${path.join(home, 'seal')}: run "npm start" once as the user who owns that directory, or put the folder back.`,
      { cause },
    )
  }
}

/**
 * The public key by which the trail is checked, from the file beside the anchor.
 * @throws Refused when it is not there or damaged
 */
export const readVerifierKey = (home: string, incarnation: number): VerifierKey => {
  try {
    const first = parseVerifierKey(readFileSync(verifierKeyFile(home), 'utf8'))
    return verifierKey(first.name.replace(/\/1$/, `/${incarnation}`), 'ed25519', first.key)
  } catch (cause) {
    throw new Refused(
      `The key to check the audit trail by cannot be read: ${verifierKeyFile(home)}. Put the file back from where it was handed out.`,
      { cause },
    )
  }
}
