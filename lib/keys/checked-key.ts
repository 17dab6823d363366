import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'

import { keyContextAad, type KeyContext } from '#lib/crypto/key-context.ts'
import { keyObjectOf, SecretKey } from '#lib/crypto/secret-key.ts'

const keyLength = 32
const checkLength = 8

/**
 * A key as it is handed to a service that wraps it: 32 bytes of key and 8 of a check, made with the key itself over what
 * it is for. The service returns both, so that an answer that belongs to another key, or to another item of the batch, is
 * noticed before anything is decrypted or, worse, encrypted with it. The check is only ever stored inside the wrapping.
 */
export function withCheck(key: SecretKey, context: KeyContext): Buffer {
  const plain = keyObjectOf(key).export()
  const checked = Buffer.concat([plain, checkOf(key, context)])
  plain.fill(0)
  return checked
}

/**
 * The key out of what a service returned, or undefined when that is not what was handed to it for this context. The bytes
 * given are overwritten with zeros.
 */
export function checkedKey(returned: Buffer, context: KeyContext): SecretKey | undefined {
  if (returned.length !== keyLength + checkLength) return undefined
  const check = Buffer.from(returned.subarray(keyLength))
  const key = new SecretKey(returned.subarray(0, keyLength))
  return timingSafeEqual(check, checkOf(key, context)) ? key : undefined
}

/* The version that wraps is not in it: a service may put a key under another one without anybody seeing the key. */
function checkOf(key: SecretKey, context: KeyContext): Buffer {
  const mac = createHmac('sha256', keyObjectOf(key)).update(keyContextAad(context, 0)).digest()
  return mac.subarray(0, checkLength)
}
