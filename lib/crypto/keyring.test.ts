import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CryptoError } from './crypto-error.ts'
import { keyStates, type KeyState } from './data-keys.ts'
import type { KeyContext } from './key-context.ts'
import {
  activeKeyringVersion,
  addKeyringVersion,
  changeKeyringState,
  checkKeyring,
  createKeyring,
  keyringKey,
  type Keyring,
} from './keyring.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'
import { unwrapKey } from './unwrap-key.ts'
import { wrapKey } from './wrap-key.ts'

const start = () => createKeyring('ring-1', 'demo', new Date(0))
const states = (keyring: Keyring) => keyring.versions.map((each) => each.state)

describe('keyring', () => {
  test('a new version is pending, becomes active, and the former one only decrypts', () => {
    const added = addKeyringVersion(start(), new Date(1000))
    expect(states(added)).toEqual(['active', 'pending'])
    expect(activeKeyringVersion(added).version).toBe(1)
    const rotated = changeKeyringState(added, 2, 'active')
    expect(states(rotated)).toEqual(['decrypt_only', 'active'])
    expect([start().serial, added.serial, rotated.serial]).toEqual([1, 2, 3])
  })

  test('a version is disabled and enabled again, and destroyed for good', () => {
    const rotated = changeKeyringState(addKeyringVersion(start(), new Date(0)), 2, 'active')
    const disabled = changeKeyringState(rotated, 1, 'disabled')
    expect(() => keyringKey(disabled, 1)).toThrow(expect.objectContaining({ code: 'KEY_DISABLED' }))
    expect(keyringKey(changeKeyringState(disabled, 1, 'decrypt_only'), 1)).toBe(keyringKey(rotated, 1))
    const destroyed = changeKeyringState(disabled, 1, 'destroyed')
    expect(destroyed.versions[0]?.key).toBeNull()
    expect(() => keyringKey(destroyed, 1)).toThrow(expect.objectContaining({ code: 'KEY_DESTROYED' }))
    for (const state of keyStates) expect(() => changeKeyringState(destroyed, 1, state)).toThrow(CryptoError)
  })

  test('keys of versions that are pending or unknown are not given', () => {
    const added = addKeyringVersion(start(), new Date(0))
    expect(() => keyringKey(added, 2)).toThrow(expect.objectContaining({ code: 'KEY_PENDING' }))
    expect(() => keyringKey(added, 3)).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }))
    expect(() => changeKeyringState(added, 3, 'active')).toThrow(
      expect.objectContaining({ code: 'KEY_UNKNOWN' }),
    )
  })

  test('attack 46: two active versions are refused, however they come about', () => {
    const key = () => SecretKey.random()
    const version = (number: number, state: KeyState) => ({
      version: number,
      state,
      createdAt: '',
      key: key(),
    })
    const ring = (...versions: Keyring['versions']) => ({ id: 'x', environment: 'demo', serial: 1, versions })
    expect(() => checkKeyring(ring(version(1, 'active'), version(2, 'active')))).toThrow(/exactly one/)
    expect(() => checkKeyring(ring(version(1, 'active'), version(1, 'decrypt_only')))).toThrow(/twice/)
    expect(() => checkKeyring(ring(version(1, 'decrypt_only')))).toThrow(/exactly one/)
    expect(() => checkKeyring(ring())).toThrow(/exactly one/)
    expect(() => checkKeyring(ring({ ...version(1, 'active'), key: null }))).toThrow(/bytes/)
    expect(() => checkKeyring(ring(version(1, 'active'), version(2, 'destroyed')))).toThrow(/bytes/)
    expect(() => checkKeyring({ ...ring(version(1, 'active')), serial: 0 })).toThrow(/serial/)
    // Control: the same shape in order is accepted.
    expect(checkKeyring(ring(version(1, 'decrypt_only'), version(2, 'active'))).versions).toHaveLength(2)
    const rotated = changeKeyringState(addKeyringVersion(start(), new Date(0)), 2, 'active')
    expect(() => changeKeyringState(rotated, 1, 'active')).toThrow(
      expect.objectContaining({ code: 'KEYRING' }),
    )
  })

  test('no sequence of steps leaves the rules, and the serial only rises', () => {
    const step = fc.oneof(
      fc.constant({ add: true } as const),
      fc.record({ version: fc.integer({ min: 1, max: 4 }), state: fc.constantFrom(...keyStates) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let keyring = start()
        for (const each of steps) {
          const { serial } = keyring
          try {
            keyring =
              'add' in each
                ? addKeyringVersion(keyring, new Date(0))
                : changeKeyringState(keyring, each.version, each.state)
            expect(keyring.serial).toBe(serial + 1)
          } catch (error) {
            if (!(error instanceof CryptoError)) throw error
          }
          expect(states(keyring).filter((state) => state === 'active')).toHaveLength(1)
          checkKeyring(keyring)
        }
      }),
    )
  })

  test('a keyring cannot be changed in place', () => {
    const keyring = start()
    expect(Reflect.set(keyring.versions[0] ?? {}, 'state', 'disabled')).toBe(false)
    expect(Reflect.set(keyring, 'serial', 9)).toBe(false)
  })
})

describe('wrapping', () => {
  const wrapping = SecretKey.random()
  const context: KeyContext = {
    purpose: 'data-key',
    keyring: 'ring-1',
    environment: 'demo',
    owner: 'patient-1',
    version: 1,
  }
  const key = SecretKey.random()
  const bytes = (of: SecretKey) => keyObjectOf(of).export().toString('hex')
  const wrapped = wrapKey(wrapping, 7, key, context)
  const opens = (blob: Uint8Array, by = wrapping, version = 7, as = context) => {
    try {
      return bytes(unwrapKey(by, version, blob, as)) === bytes(key)
    } catch (error) {
      if (error instanceof CryptoError) return error.code
      throw error
    }
  }

  test('a key comes back under its own context', () => {
    expect(opens(wrapped)).toBe(true)
    expect(wrapped).toHaveLength(60)
    expect(Buffer.from(wrapKey(wrapping, 7, key, context)).equals(wrapped)).toBe(false)
  })

  test('attack 45: a wrapped key moved to another patient, version, purpose, keyring or environment stays shut', () => {
    const others: Partial<KeyContext>[] = [
      { owner: 'patient-2' },
      { version: 2 },
      { purpose: 'index-root' },
      { keyring: 'ring-2' },
      { environment: 'production' },
      { owner: 'patient-11', version: 1 },
      { keyring: 'ring-1demo', environment: '' },
    ]
    for (const other of others)
      expect(opens(wrapped, wrapping, 7, { ...context, ...other })).toBe('NOT_AUTHENTIC')
    expect(opens(wrapped, wrapping, 8)).toBe('NOT_AUTHENTIC')
    expect(opens(wrapped, SecretKey.random())).toBe('NOT_AUTHENTIC')
    // Control: a wrapping that leaves the owner out opens for anybody.
    const unbound = { ...context, owner: '' }
    expect(opens(wrapKey(wrapping, 7, key, unbound), wrapping, 7, unbound)).toBe(true)
  })

  test('attack 45: every single bit flipped, and every other length, is refused', () => {
    for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
      const flipped = Uint8Array.from(wrapped)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(opens(flipped)).toBe('NOT_AUTHENTIC')
    }
    for (let length = 0; length < 80; length += 1) {
      if (length === 60) continue
      const other = new Uint8Array(length)
      other.set(wrapped.subarray(0, length))
      expect(opens(other)).toBe('FORMAT')
    }
  })
})
