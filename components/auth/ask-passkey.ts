'use client'

import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'

/** What came of asking the device: its answer as JSON, or what to tell the person. */
export type DeviceAnswer = { answer: string } | { problem: string }

/** Asks the device for a signature by a passkey. The library comes when it is needed, so that no page carries it. */
export async function askPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<DeviceAnswer> {
  const { browserSupportsWebAuthn, startAuthentication } = await import('@simplewebauthn/browser')
  if (!browserSupportsWebAuthn()) return { problem: unsupported }
  return startAuthentication({ optionsJSON: options }).then(
    (answer) => ({ answer: JSON.stringify(answer) }),
    () => ({ problem: 'No passkey was used. Try again, or use another way to sign in.' }),
  )
}

/** Asks the device to make a passkey. */
export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<DeviceAnswer> {
  const { browserSupportsWebAuthn, startRegistration, WebAuthnError } =
    await import('@simplewebauthn/browser')
  if (!browserSupportsWebAuthn()) return { problem: unsupported }
  return startRegistration({ optionsJSON: options }).then(
    (answer) => ({ answer: JSON.stringify(answer) }),
    (error: unknown) => ({
      problem:
        error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED'
          ? 'This device has a passkey for your account already.'
          : 'No passkey was made. Try again when you are ready; nothing has changed.',
    }),
  )
}

const unsupported = 'This browser does not know passkeys. Use another way, or a newer browser.'
