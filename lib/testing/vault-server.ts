import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'

import { startLoopbackServer, type LoopbackAnswer, type LoopbackRequest, type LoopbackServer } from './loopback-server.ts' // prettier-ignore

/*
 * The part of Vault's and OpenBao's HTTP API that the key provider uses, written from the API's documentation
 * (https://openbao.org/api-docs/secret/transit/, …/auth/token/) and from OpenBao's own transit engine
 * (builtin/logical/transit, sdk/helper/keysutil/policy.go), whose texts and status codes it answers with: a batch with an item that fails is a 400 with
 * results, a rewrap with a forged one a 500 without.
 */

type TransitKey = {
  versions: Map<number, { key: Buffer; createdAt: number }>
  latest: number
  derived: boolean
  exportable: boolean
  minDecryption: number
  minEncryption: number
  minAvailable: number
}

export type VaultServer = LoopbackServer & {
  token: string
  namespace: string | undefined
  keys: Map<string, TransitKey>
  /** answers everything with this status instead */
  refusal: 'sealed' | 'forbidden' | 'throttled' | 'behind' | 'broken' | 'standby' | undefined
  /** decrypts with a key that is not the one asked for */
  wrongKey: boolean
  renewals: number
  ttl: number
}

const refusals = {
  sealed: { status: 503, body: { errors: ['Vault is sealed'] } },
  forbidden: { status: 403, body: { errors: ['permission denied'] } },
  throttled: { status: 429, body: { errors: ['request path "transit/decrypt": rate limit quota exceeded'] } },
  behind: { status: 412, body: { errors: ['required index state not present'] } },
  broken: { status: 500, body: { errors: ['internal error'] } },
  standby: { status: 307, headers: { location: 'http://127.0.0.1:9/v1/elsewhere' } },
} satisfies Record<string, LoopbackAnswer>

const item = z.object({
  plaintext: z.string().optional(),
  ciphertext: z.string().optional(),
  context: z.string().optional(),
  key_version: z.int().optional(),
})
type Item = z.infer<typeof item>
const batchOf = z.object({ batch_input: z.array(item).min(1) })
const changes = z.object({
  type: z.literal('aes256-gcm96').optional(),
  derived: z.boolean().default(false),
  exportable: z.boolean().default(false),
  min_decryption_version: z.int().optional(),
  min_encryption_version: z.int().optional(),
  min_available_version: z.int().optional(),
})

class UserError extends Error {}

const errors = (status: number, ...texts: string[]): LoopbackAnswer => ({ status, body: { errors: texts } })

/** A Vault with a transit engine at `transit/`, one token, and nothing in it. */
export async function startVaultServer(
  options: { namespace?: string; tls?: { cert: string; key: string } } = {},
): Promise<VaultServer> {
  const keys = new Map<string, TransitKey>()
  const base = await startLoopbackServer((request) => answer(request), options.tls)
  const own: VaultServer = Object.assign(base, {
    token: `hvs.${randomBytes(18).toString('base64url')}`,
    namespace: options.namespace,
    keys,
    refusal: undefined,
    wrongKey: false,
    renewals: 0,
    ttl: 3600,
  })

  function answer({ method, path, headers, body }: LoopbackRequest): LoopbackAnswer {
    if (own.refusal !== undefined) return refusals[own.refusal]
    if (headers['x-vault-token'] !== own.token) return refusals.forbidden
    if (headers['x-vault-namespace'] !== own.namespace) return errors(404, 'no handler for route')
    const route = `${method} ${path}`
    if (route === 'GET /v1/auth/token/lookup-self') {
      return { status: 200, body: { data: { ttl: own.ttl, renewable: true } } }
    }
    if (route === 'POST /v1/auth/token/renew-self') {
      own.renewals += 1
      return { status: 200, body: { auth: { lease_duration: own.ttl, renewable: true } } }
    }
    const [, verb = '', name = '', action = ''] =
      /^\/v1\/transit\/(\w+)\/([\w-]+)(?:\/(\w+))?$/.exec(path) ?? []
    if (verb === 'keys') return onKey(method, name, action, body)
    if (method === 'POST' && (verb === 'encrypt' || verb === 'decrypt' || verb === 'rewrap'))
      return onBatch(verb, name, body)
    return errors(404, 'no handler for route')
  }

  function onKey(method: string, name: string, action: string, body: unknown): LoopbackAnswer {
    const key = keys.get(name)
    if (method === 'GET') return key ? { status: 200, body: { data: describe(name, key) } } : errors(404)
    const wanted = changes.parse(body)
    if (action === '') {
      if (!key) keys.set(name, newKey(wanted.derived, wanted.exportable))
      return { status: 200, body: { data: describe(name, keys.get(name) ?? newKey(true, false)) } }
    }
    if (!key) return errors(400, `no existing key named ${name} could be found`)
    if (action === 'rotate') addVersion(key)
    else if (action === 'config') {
      const decryption = wanted.min_decryption_version ?? key.minDecryption
      const encryption = wanted.min_encryption_version ?? key.minEncryption
      if (decryption > key.latest || encryption > key.latest)
        return errors(400, 'latest key version is lower')
      if (encryption > 0 && encryption < decryption)
        return errors(400, 'cannot set min encryption/decryption values')
      if (key.minAvailable > 0 && (key.minAvailable > encryption || key.minAvailable > decryption))
        return errors(400, 'should not be less than min available version')
      Object.assign(key, { minDecryption: decryption, minEncryption: encryption })
    } else if (action === 'trim') {
      const lowest = wanted.min_available_version ?? 0
      if (lowest < key.minAvailable) return errors(400, 'minimum available version cannot be decremented')
      if (key.minEncryption === 0) return errors(400, 'minimum encryption version is not set')
      if (lowest > key.minEncryption || lowest > key.minDecryption) return errors(400, 'cannot be greater')
      key.minAvailable = lowest
      for (const version of key.versions.keys()) if (version < lowest) key.versions.delete(version)
    } else return errors(404, 'unsupported path')
    return { status: 200, body: { data: describe(name, key) } }
  }

  function onBatch(verb: 'encrypt' | 'decrypt' | 'rewrap', name: string, body: unknown): LoopbackAnswer {
    const key = keys.get(name)
    if (!key) return errors(400, 'encryption key not found')
    const { batch_input: items } = batchOf.parse(body)
    const results: Record<string, unknown>[] = []
    for (const each of items) {
      try {
        results.push(
          verb === 'decrypt'
            ? { plaintext: decrypt(key, each).toString('base64') }
            : encrypted(key, verb, each),
        )
      } catch (error) {
        // In `rewrap` whatever is not a user's error ends the request; Go's own error for a tag that does not fit is none.
        if (verb === 'rewrap' && !(error instanceof UserError)) {
          return errors(500, '1 error occurred:\n\t* cipher: message authentication failed\n\n')
        }
        results.push({
          error: error instanceof UserError ? error.message : 'cipher: message authentication failed',
        })
      }
    }
    const failed = verb !== 'rewrap' && results.some((each) => 'error' in each)
    return { status: failed ? 400 : 200, body: { data: { batch_results: results } } }
  }

  function encrypted(key: TransitKey, verb: string, { plaintext, ...rest }: Item): Record<string, unknown> {
    const plain = verb === 'rewrap' ? decrypt(key, rest) : Buffer.from(plaintext ?? '', 'base64')
    const version = rest.key_version === undefined || rest.key_version === 0 ? key.latest : rest.key_version
    if (version > key.latest)
      throw new UserError('requested version for encryption is higher than the latest key version')
    if (version < key.minEncryption)
      throw new UserError('requested version for encryption is less than the minimum encryption key version')
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', derive(key, version, rest.context), nonce)
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    return { ciphertext: `vault:v${version}:${sealed.toString('base64')}`, key_version: version }
  }

  function decrypt(key: TransitKey, { ciphertext = '', context }: Item): Buffer {
    if (ciphertext === '') throw new UserError('missing ciphertext to decrypt')
    const [, number = '', encoded = ''] = /^vault:v(\d+):(.*)$/.exec(ciphertext) ?? []
    if (number === '') throw new UserError('invalid ciphertext: no prefix')
    // As in Vault: zero is an old spelling of one.
    const version = Number(number) === 0 ? 1 : Number(number)
    if (version > key.latest) throw new UserError('invalid ciphertext: version is too new')
    if (version < key.minDecryption)
      throw new UserError('ciphertext or signature version is disallowed by policy (too old)')
    const sealed = Buffer.from(encoded, 'base64')
    if (sealed.length < 12) throw new UserError('invalid ciphertext length')
    const decipher = createDecipheriv('aes-256-gcm', derive(key, version, context), sealed.subarray(0, 12), { authTagLength: 16 }) // prettier-ignore
    decipher.setAuthTag(sealed.subarray(Math.max(12, sealed.length - 16)))
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
    return own.wrongKey ? randomBytes(plain.length) : plain
  }

  return own
}

function newKey(derived: boolean, exportable: boolean): TransitKey {
  const key: TransitKey = { versions: new Map(), latest: 0, derived, exportable, minDecryption: 1, minEncryption: 0, minAvailable: 0 } // prettier-ignore
  addVersion(key)
  return key
}

function addVersion(key: TransitKey): void {
  key.latest += 1
  key.versions.set(key.latest, { key: randomBytes(32), createdAt: 1_700_000_000 + key.latest })
}

/** Kdf_hkdf_sha256: HKDF (RFC 5869) with the context as info and without salt. */
function derive(key: TransitKey, version: number, context: string | undefined): Buffer {
  const entry = key.versions.get(version)
  if (!entry) throw new UserError('no such key version')
  if (!key.derived) return entry.key
  if (context === undefined || context === '') throw new UserError("missing 'context' for key derivation")
  return Buffer.from(hkdfSync('sha256', entry.key, Buffer.alloc(0), Buffer.from(context, 'base64'), 32))
}

/** The working set only: versions below min_decryption_version are archived. */
function describe(name: string, key: TransitKey): Record<string, unknown> {
  const shown = [...key.versions].filter(([version]) => version >= key.minDecryption)
  return {
    name,
    type: 'aes256-gcm96',
    derived: key.derived,
    exportable: key.exportable,
    allow_plaintext_backup: false,
    latest_version: key.latest,
    min_available_version: key.minAvailable,
    min_decryption_version: key.minDecryption,
    min_encryption_version: key.minEncryption,
    keys: Object.fromEntries(shown.map(([version, { createdAt }]) => [version, createdAt])),
  }
}
