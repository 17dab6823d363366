import 'server-only'

import { isIP } from 'node:net'
import { blindIndexes, indexColumn } from '#lib/crypto/blind-index.ts'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'
import { addressRanges } from './limit/address-ranges.ts'

/** Secrets of accounts belong to the organisation, not to a patient. */
const owner = 'org:main'

const columns = {
  email: cellColumn('account.email', 'string', 64),
  'totp-secret': cellColumn('account.totp-secret', 'string', 32),
} as const

const emailIndex = indexColumn('account.email', 'email-1')
const addressIndex = indexColumn('sign-in.address', 'exact-1')

/**
 * What an e-mail address is stored and looked up by: its tokens under every live key version, the lowest first. Two spellings of
 * one address give the same. While an index key is replaced there are two, and the account has at least one of them.
 * An empty address has tokens too, which belong to nobody, so that it takes the same way as a wrong one.
 */
export async function emailTokens(email: string): Promise<Buffer[]> {
  const keys = await (await processKeyStore()).indexKeys()
  const tokens = blindIndexes(
    keys,
    emailIndex,
    email.isWellFormed() && email.trim() !== '' ? email : 'nobody',
  )
  if (tokens.length === 0) throw new KeysUnavailable('an e-mail address gave no token')
  return tokens.map((token) => Buffer.from(token.bytes))
}

/**
 * What failed sign-ins of one address are counted by, under every live key version; nothing when the address is not known. A
 * subscriber of IPv6 holds a whole /64, so that is what is counted.
 */
export async function addressTokens(clientIp: string | null): Promise<Buffer[]> {
  if (clientIp === null) return []
  const keys = await (await processKeyStore()).indexKeys()
  const counted = isIP(clientIp) === 6 ? networkOf(clientIp) : clientIp
  return blindIndexes(keys, addressIndex, counted).map((token) => Buffer.from(token.bytes))
}

/**
 * The same for the network around the address, the /24 of IPv4 or the /48 of IPv6: who guesses from many addresses has them side by
 * side.
 */
export async function networkTokens(clientIp: string | null): Promise<Buffer[]> {
  if (clientIp === null) return []
  const keys = await (await processKeyStore()).indexKeys()
  return blindIndexes(keys, addressIndex, `network ${addressRanges(clientIp).network}`).map((token) =>
    Buffer.from(token.bytes),
  )
}

/** Encrypts a secret of an account for its row (AES-256-GCM, bound to column, row and organisation). */
export async function sealAccountSecret(
  kind: keyof typeof columns,
  accountId: string,
  secret: string,
): Promise<string> {
  const key = await (await processKeyStore()).dataKeyForWriting(owner)
  return sealCell(key, columns[kind], rowAddress(accountId, owner), secret)
}

/**
 * Decrypts a secret of an account.
 * @throws KeysUnavailable when the key is missing or the value does not open
 */
export async function openAccountSecret(
  kind: keyof typeof columns,
  accountId: string,
  sealed: string,
): Promise<string> {
  try {
    return await withDataKeys(await processKeyStore(), new Set([owner]), (found) => {
      const keys = found.get(owner)
      if (keys === undefined) throw new KeysUnavailable('the organisation has no data key')
      return openCell(keys, columns[kind], rowAddress(accountId, owner), sealed)
    })
  } catch (cause) {
    if (cause instanceof CryptoError)
      throw new KeysUnavailable('a secret of an account does not open', { cause })
    throw cause
  }
}

/** The first four groups of an IPv6 address, written out. */
function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
