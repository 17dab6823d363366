import 'server-only'

import { NotConfigured } from '#lib/errors.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'

/** What KMS may say with a status below 500 and still mean: later. */
const later = new Set([
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'KeyUnavailableException',
  'DependencyTimeoutException',
  'RequestTimeout',
  'RequestTimeoutException',
])

const reasons: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'AWS KMS does not allow this: look at the key policy and at the role of this machine.',
  DisabledException: 'The key in AWS KMS is disabled.',
  KMSInvalidStateException: 'The key in AWS KMS is disabled, or waits for its deletion.',
  NotFoundException: 'AWS KMS knows no such key.',
  InvalidCiphertextException: 'AWS KMS cannot open this: it was altered, or made for another keyring.',
  IncorrectKeyException: 'AWS KMS cannot open this: it was made under another key.',
}

/**
 * Tells what KMS says when it cannot (throttled, 5xx, no answer: ask again) from what it says when it will not. Whatever comes
 * without a status never reached KMS. Only the kind of the failure goes on: texts of the SDK name keys and accounts.
 * (https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html)
 */
export function classifyKmsFailure(error: unknown): ProviderDenial | ProviderOutage | NotConfigured {
  if (error instanceof Error && /^Region (is missing|not accepted)/.test(error.message))
    return new NotConfigured(
      'AWS_REGION is missing: set it to the region of the key, or AWS_KMS_KEY_ID to its ARN.',
    )
  if (error instanceof ProviderDenial || error instanceof ProviderOutage) return error
  const name = error instanceof Error && /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : 'unknown'
  const status = statusOf(error)
  if (status === undefined || status < 400 || status >= 500 || status === 429 || later.has(name)) {
    return new ProviderOutage(`AWS KMS does not answer (${name}).`)
  }
  return new ProviderDenial(reasons[name] ?? `AWS KMS refuses (${name}).`)
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
