import 'server-only'
import type * as awsSdk from '@aws-sdk/client-kms'

import { NotConfigured } from '#lib/errors.ts'
import { giveUpOn } from '#lib/keys/give-up-on.ts'
import { classifyKmsFailure } from './classify-kms-failure.ts'
import type { AwsKmsSettings } from './aws-kms-settings.ts'

export type Sdk = typeof awsSdk

export type Kms = {
  readonly sdk: Sdk
  /**
   * Sends one command, once: who asks decides whether it is tried again.
   * @throws ProviderDenial, ProviderOutage; NotConfigured when it is not said where the key is
   */
  readonly ask: <T>(
    send: (client: awsSdk.KMSClient, options: { abortSignal: AbortSignal }) => Promise<T>,
    signal: AbortSignal,
  ) => Promise<T>
  readonly close: () => void
}

/** Longer than the two seconds of a slow answer, shorter than the three that the key store waits altogether. */
const callMilliseconds = 2500

/** A variable, so that no bundler looks for what need not be there. */
const packageName = '@aws-sdk/client-kms'

/**
 * A client of AWS KMS with the credentials of the SDK's own chain (instance role, environment, profile). The SDK is an optional
 * package, loaded here and nowhere else.
 * @throws NotConfigured when it is not installed
 */
export async function openKms(settings: AwsKmsSettings): Promise<Kms> {
  const sdk = await loadSdk()
  const region = settings.region ?? regionOf(settings.keyId)
  const client = new sdk.KMSClient({
    ...(region === undefined ? {} : { region }),
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 1500,
      requestTimeout: callMilliseconds,
      // Without this the SDK only warns when the time is over, and waits for ever.
      throwOnRequestTimeout: true,
    },
  })
  return {
    sdk,
    async ask(send, signal) {
      signal.throwIfAborted()
      try {
        // Looking for credentials, the SDK heeds no signal.
        return await giveUpOn(signal, send(client, { abortSignal: signal }))
      } catch (error) {
        signal.throwIfAborted()
        throw classifyKmsFailure(error)
      }
    },
    close: () => {
      client.destroy()
    },
  }
}

async function loadSdk(): Promise<Sdk> {
  try {
    const sdk: Sdk = await import(/* turbopackIgnore: true */ /* webpackIgnore: true */ packageName)
    return sdk
  } catch (error) {
    throw new NotConfigured(
      'KEY_PROVIDER is aws-kms, and the AWS SDK is not installed: run "npm install --no-save @aws-sdk/client-kms@3.1162.0" where Vigil is.',
      { cause: error },
    )
  }
}

/** arn:aws:kms:eu-central-1:111122223333:key/… */
const regionOf = (keyId: string): string | undefined => /^arn:[\w-]+:kms:([\w-]+):/.exec(keyId)?.[1]
