import 'server-only'

import { NotConfigured } from '#lib/errors.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'

/** After these a new process with a new login may find what this one has lost (a token reset, removed, put back). */
const lost = new Set([
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_SESSION_CLOSED',
  'CKR_USER_NOT_LOGGED_IN',
  'CKR_DEVICE_REMOVED',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_CRYPTOKI_NOT_INITIALIZED',
  'CKR_OBJECT_HANDLE_INVALID',
  'CKR_KEY_HANDLE_INVALID',
  'CKR_OPERATION_ACTIVE',
  'CKR_DEVICE_ERROR',
  'CKR_GENERAL_ERROR',
  'CKR_FUNCTION_FAILED',
  'KEY_MISSING',
])
export const isLost = (code: string): boolean => lost.has(code)

/** The PIN must not be tried again: tokens lock themselves after a few wrong ones. */
export const isRefusedPin = (code: string): boolean => code.startsWith('CKR_PIN_')

const refusals: Readonly<Record<string, string>> = {
  CKR_PIN_INCORRECT: 'The token refuses the PIN. It is not tried again until another one is in its place.',
  CKR_PIN_LOCKED: 'The token has locked its PIN: its security officer has to unlock it.',
  CKR_PIN_EXPIRED: 'The PIN of the token has expired: set a new one.',
  CKR_USER_PIN_NOT_INITIALIZED: 'The token has no PIN for its user yet: its security officer sets one.',
  CKR_USER_NOT_LOGGED_IN: 'The token does not keep the login.',
  CKR_KEY_FUNCTION_NOT_PERMITTED: 'The token does not let a key of this keyring be used.',
  CKR_MECHANISM_INVALID: 'The token knows no AES-GCM.',
  TOKEN_AMBIGUOUS: 'More than one token fits: name its serial number in PKCS11_TOKEN_SERIAL.',
  KEY_MISSING: 'The token lacks a key of this keyring.',
  KEY_AMBIGUOUS: 'The token has two keys of the same name.',
  KEY_EXPOSED: 'The token has a key of this keyring that can be read out.',
}
/** Beginnings of what a token says when it will not. */
const denials = /^CKR_(PIN|KEY|ATTRIBUTE|MECHANISM|TEMPLATE|USER|ACTION|FUNCTION_REJECTED|TOKEN_WRITE)_?/

/**
 * Tells a token that cannot answer (removed, restarting, failing) from one that will not. PKCS#11 2.40, section 5.1, has the codes;
 * what is in no list is an outage, and an outage ends.
 */
export function classifyTokenFault(code: string): Error {
  if (code === 'NOT_INSTALLED')
    return new NotConfigured('The package pkcs11js could not be built when Vigil was installed: install a C++ compiler and run "npm rebuild pkcs11js".') // prettier-ignore
  if (code === 'NO_LIBRARY')
    return new ProviderOutage(
      'PKCS11_MODULE cannot be loaded: check its path, and that it is for this machine.',
    )
  if (code === 'TOKEN_MISSING') return new ProviderOutage('There is no token of that label or serial number.')
  const text = refusals[code]
  const denied = text !== undefined || (denials.test(code) && !code.endsWith('_HANDLE_INVALID'))
  return denied
    ? new ProviderDenial(text ?? `The token refuses (${code}).`)
    : new ProviderOutage(`The token does not answer (${code}).`)
}
