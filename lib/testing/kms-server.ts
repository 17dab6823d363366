import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'

import { startLoopbackServer, type LoopbackAnswer, type LoopbackRequest, type LoopbackServer } from './loopback-server.ts' // prettier-ignore

/*
 * The part of AWS KMS that the key provider uses, as its SDK speaks to it: JSON 1.1 over POST, the operation in X-Amz-Target,
 * a Signature Version 4 header, errors by `__type` (https://docs.aws.amazon.com/kms/latest/APIReference/).
 */

type RootKey = { readonly id: string; readonly arn: string; material: Buffer; state: 'Enabled' | 'Disabled' | 'PendingDeletion'; spec: string } // prettier-ignore

export type KmsServer = LoopbackServer & {
  keys: Map<string, RootKey>
  /** makes a key and returns its ARN */
  makeKey(spec?: string, account?: string): string
  /** answers everything with this error instead */
  refusal: { type: string; status: number } | undefined
  /** decrypts to something else */
  wrongKey: boolean
}

export const kmsErrors = {
  throttled: { type: 'ThrottlingException', status: 400 },
  denied: { type: 'AccessDeniedException', status: 400 },
  expired: { type: 'ExpiredTokenException', status: 400 },
  missing: { type: 'NotFoundException', status: 400 },
  broken: { type: 'KMSInternalException', status: 500 },
  unavailable: { type: 'KeyUnavailableException', status: 500 },
  timeout: { type: 'DependencyTimeoutException', status: 503 },
} as const

const base64 = z.base64()
const context = z.record(z.string(), z.string()).default({})
const inputs = {
  Encrypt: z.object({ KeyId: z.string(), Plaintext: base64, EncryptionContext: context }),
  Decrypt: z.object({ KeyId: z.string(), CiphertextBlob: base64, EncryptionContext: context }),
  ReEncrypt: z.object({
    CiphertextBlob: base64,
    SourceKeyId: z.string(),
    SourceEncryptionContext: context,
    DestinationKeyId: z.string(),
    DestinationEncryptionContext: context,
  }),
  DescribeKey: z.object({ KeyId: z.string() }),
}

class KmsError extends Error {
  readonly status: number
  constructor(type: string, status = 400) {
    super(type)
    this.status = status
  }
}

const region = 'eu-central-1'
const signature = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=[A-Z0-9]+/\\d{8}/${region}/kms/aws4_request, SignedHeaders=[a-z0-9;-]*x-amz-target[a-z0-9;-]*, Signature=[0-9a-f]{64}$`,
)

/** A KMS with one enabled key, of which `keys` knows the name. */
export async function startKmsServer(): Promise<KmsServer> {
  const keys = new Map<string, RootKey>()
  const base = await startLoopbackServer((request) => answer(request))
  const own: KmsServer = Object.assign(base, {
    keys,
    makeKey,
    refusal: undefined,
    wrongKey: false,
  })

  function makeKey(spec = 'SYMMETRIC_DEFAULT', account = '111122223333'): string {
    const id = randomUUID()
    const arn = `arn:aws:kms:${region}:${account}:key/${id}`
    keys.set(id, { id, arn, material: randomBytes(32), state: 'Enabled', spec })
    return arn
  }

  function answer({ headers, body }: LoopbackRequest): LoopbackAnswer {
    const header = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() }
    try {
      if (own.refusal) throw new KmsError(own.refusal.type, own.refusal.status)
      if (headers['content-type'] !== 'application/x-amz-json-1.1')
        throw new KmsError('SerializationException')
      if (!signature.test(headers.authorization ?? '')) throw new KmsError('IncompleteSignature', 403)
      const target = String(headers['x-amz-target'])
      return { status: 200, headers: header, body: perform(target.replace(/^TrentService\./, ''), body) }
    } catch (error) {
      if (!(error instanceof KmsError)) throw error
      return { status: error.status, headers: header, body: { __type: error.message, message: 'as told' } }
    }
  }

  function perform(operation: string, body: unknown): Record<string, unknown> {
    if (operation === 'DescribeKey') {
      const key = find(inputs.DescribeKey.parse(body).KeyId)
      return {
        KeyMetadata: {
          KeyId: key.id,
          Arn: key.arn,
          KeyState: key.state,
          Enabled: key.state === 'Enabled',
          KeySpec: key.spec,
          KeyUsage: key.spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY',
        },
      }
    }
    if (operation === 'Encrypt') {
      const input = inputs.Encrypt.parse(body)
      const key = usable(input.KeyId)
      return {
        KeyId: key.arn,
        CiphertextBlob: seal(key, Buffer.from(input.Plaintext, 'base64'), input.EncryptionContext),
      }
    }
    if (operation === 'Decrypt') {
      const input = inputs.Decrypt.parse(body)
      const plain = open(usable(input.KeyId), input.CiphertextBlob, input.EncryptionContext)
      return {
        KeyId: find(input.KeyId).arn,
        Plaintext: (own.wrongKey ? randomBytes(plain.length) : plain).toString('base64'),
      }
    }
    if (operation === 'ReEncrypt') {
      const input = inputs.ReEncrypt.parse(body)
      const plain = open(usable(input.SourceKeyId), input.CiphertextBlob, input.SourceEncryptionContext)
      const to = usable(input.DestinationKeyId)
      return { KeyId: to.arn, CiphertextBlob: seal(to, plain, input.DestinationEncryptionContext) }
    }
    throw new KmsError('UnknownOperationException')
  }

  function find(id: string): RootKey {
    const found = keys.get(id.replace(/^arn:.*:key\//, ''))
    if (!found) throw new KmsError('NotFoundException')
    return found
  }

  function usable(id: string): RootKey {
    const key = find(id)
    if (key.state === 'Disabled') throw new KmsError('DisabledException')
    if (key.state === 'PendingDeletion') throw new KmsError('KMSInvalidStateException')
    return key
  }

  return own
}

const canonical = (about: Record<string, string>): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(about).toSorted(([one], [other]) => (one < other ? -1 : 1))))

/** key id 36 ‖ nonce 12 ‖ ciphertext ‖ tag 16; the encryption context is authenticated, as in KMS. */
function seal(key: RootKey, plain: Buffer, about: Record<string, string>): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.material, nonce)
  cipher.setAAD(canonical(about))
  const sealed = [cipher.update(plain), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([Buffer.from(key.id), nonce, ...sealed]).toString('base64')
}

function open(key: RootKey, blob: string, about: Record<string, string>): Buffer {
  const bytes = Buffer.from(blob, 'base64')
  if (bytes.length < 64) throw new KmsError('InvalidCiphertextException')
  if (bytes.toString('latin1', 0, 36) !== key.id) throw new KmsError('IncorrectKeyException')
  const decipher = createDecipheriv('aes-256-gcm', key.material, bytes.subarray(36, 48), {
    authTagLength: 16,
  })
  decipher.setAAD(canonical(about))
  decipher.setAuthTag(bytes.subarray(-16))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(48, -16)), decipher.final()])
  } catch {
    throw new KmsError('InvalidCiphertextException')
  }
}
