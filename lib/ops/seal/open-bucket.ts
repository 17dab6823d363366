import 'server-only'
import type * as awsSdk from '@aws-sdk/client-s3'

import { AnchorAway } from '#lib/audit/seal/anchor.ts'
import { NotConfigured } from '#lib/errors.ts'
import type { SealPlacesEnv } from '#lib/parse-seal-places.ts'

export type BucketSettings = NonNullable<SealPlacesEnv['anchorBucket']>
type Sdk = typeof awsSdk

export type Bucket = {
  readonly sdk: Sdk
  /** Sends one command, once. @throws AnchorAway; other errors only for what `expected` names */
  readonly ask: <T>(
    send: (client: awsSdk.S3Client, options: { abortSignal: AbortSignal }) => Promise<T>,
    expected?: readonly string[],
  ) => Promise<T>
}

/** Sealing waits for it, once an hour. */
const callMilliseconds = 5000

/** A variable, so that no bundler looks for what need not be there. */
const packageName = '@aws-sdk/client-s3'

/**
 * A client of S3, or of a store that speaks its language, with the credentials of the SDK's own chain. The SDK is an optional
 * package, loaded here and nowhere else.
 * @throws NotConfigured when it is not installed
 */
export async function openBucket({ region, endpoint }: BucketSettings): Promise<Bucket> {
  const sdk = await loadSdk()
  const client = new sdk.S3Client({
    region: region ?? 'us-east-1',
    // Stores other than AWS seldom have a name per bucket.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: callMilliseconds,
      throwOnRequestTimeout: true,
    },
  })
  return {
    sdk,
    async ask(send, expected = []) {
      try {
        return await send(client, { abortSignal: AbortSignal.timeout(callMilliseconds) })
      } catch (error) {
        if (error instanceof Error && expected.includes(error.name)) throw error
        throw new AnchorAway('the bucket gives no answer', { cause: error })
      }
    },
  }
}

async function loadSdk(): Promise<Sdk> {
  try {
    const sdk: Sdk = await import(/* turbopackIgnore: true */ /* webpackIgnore: true */ packageName)
    return sdk
  } catch (error) {
    throw new NotConfigured(
      'ANCHOR_BUCKET is set, and the AWS SDK is not installed: run "npm install --no-save @aws-sdk/client-s3@3.1162.0" where Vigil is.',
      { cause: error },
    )
  }
}
