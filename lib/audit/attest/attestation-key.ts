import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { NotConfigured } from '#lib/errors.ts'
import { HmacKey } from './hmac.ts'

/** A secret by which processes vouch for rows of the trail, and the fingerprint that rows name it by. */
export type AttestationKey = {
  /** 8 hex digits */
  readonly id: string
  /** The key of one writer: HMAC-SHA-256 of its id under the secret. */
  readonly ofWriter: (writerId: string) => HmacKey
}

/** Where the secret of a home lies: outside of both databases, readable by whoever writes or checks the trail. */
export const attestationKeyFile = (home: string): string => path.join(home, 'attest', 'key')

/**
 * The secrets of a file: one per line, 32 bytes in base64url. The first vouches; further ones check what was written under
 * them.
 * @returns none when there is no such file
 * @throws NotConfigured when the file cannot be read or is damaged
 */
export function readAttestationKeys(file: string): AttestationKey[] {
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw new NotConfigured(`${file} cannot be read: check that the user who runs Vigil may read it.`, {
      cause,
    })
  }
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const secret = Buffer.from(line, 'base64url')
      if (secret.length !== 32 || secret.toString('base64url') !== line)
        throw new NotConfigured(`${file} is damaged: put it back from where it was copied to.`)
      return keyOf(secret)
    })
}

/**
 * The secret that vouches; made at the first use of a home, by whichever process comes first.
 * @throws NotConfigured when it can be neither read nor made
 */
export function makeMissingAttestationKey(file: string): AttestationKey {
  const [present] = readAttestationKeys(file)
  if (present) return present
  const folder = path.dirname(file)
  const beside = path.join(folder, `.${process.pid}.${randomBytes(4).toString('hex')}`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(beside, `${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    })
    linkSync(beside, file)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'))
      throw new NotConfigured(
        `${file} cannot be made: create it with 32 random bytes in base64url, or let Vigil write there.`,
        { cause },
      )
  } finally {
    rmSync(beside, { force: true })
  }
  const [made] = readAttestationKeys(file)
  if (!made) throw new NotConfigured(`${file} is empty: put it back from where it was copied to.`)
  return made
}

function keyOf(secret: Buffer): AttestationKey {
  const key = new HmacKey(secret)
  const id = createHash('sha256').update('vigil attestation key\n').update(secret).digest('hex').slice(0, 8)
  return {
    id,
    ofWriter: (writerId) => new HmacKey(key.mac(`vigil writer 1\n${writerId}`)),
  }
}
