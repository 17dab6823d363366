/*
 * What this package offers to those outside of it. Everything else in the folder may change; what is exported here, and what it
 * writes, may not.
 */
export {
  cellColumn,
  cellTypeCodes,
  padBlocks,
  type CellColumn,
  type CellType,
  type CellValue,
  type CellValues,
  type JsonValue,
  type PadBlock,
} from './cell-column.ts'
export { rowAddress, type RowAddress } from './row-address.ts'
export { sealCell } from './seal-cell.ts'
export { openCell } from './open-cell.ts'
export { resealCell } from './reseal-cell.ts'
export { cellVersion, looksSealed } from './cell-format.ts'
export * from './cell-digest.ts'

export {
  DataKey,
  DataKeys,
  encryptionLimit,
  keyStates,
  type ClosedState,
  type KeyState,
} from './data-keys.ts'
export { SecretKey } from './secret-key.ts'
export {
  activeKeyringVersion,
  addKeyringVersion,
  changeKeyringState,
  checkKeyring,
  createKeyring,
  keyringKey,
  type Keyring,
  type KeyringVersion,
} from './keyring.ts'
export { type KeyContext } from './key-context.ts'
export { wrapKey } from './wrap-key.ts'
export { unwrapKey } from './unwrap-key.ts'

export * from './blind-index.ts'
export * from './index-keys.ts'
export { birthDateWithFamily, nameParts, normalise, type Normalisation } from './normalise.ts'

export { sealFile } from './seal-file.ts'
export { openFile } from './open-file.ts'

export { canonicalJson } from './canonical-json.ts'
export { contentDigest } from './content-digest.ts'
export { pseudonym } from './pseudonym.ts'
export { recordId } from './record-id.ts'
export { CryptoError, type CryptoErrorCode } from './crypto-error.ts'
