import 'server-only'
import { createCipheriv, createDecipheriv, randomBytes, scrypt, type ScryptOptions } from 'node:crypto'
import { z } from 'zod'

import { keyStates } from '#lib/crypto/data-keys.ts'
import { checkKeyring, type Keyring } from '#lib/crypto/keyring.ts'
import { lengthPrefixed } from '#lib/crypto/length-prefixed.ts'
import { keyObjectOf, SecretKey } from '#lib/crypto/secret-key.ts'
import { ProviderDenial } from '#lib/keys/key-provider.ts'
import type { Credential } from './credential.ts'

/*
 * The keyring file: a JSON document whose head (which keyring, which serial, how the key is stretched) is readable and
 * authenticated, and whose body (the key-encryption keys) is AES-256-GCM under a key stretched by scrypt (RFC 7914).
 */
const document = z.strictObject({
  format: z.literal('vigil-keyring-1'),
  id: z.string().min(1).max(100),
  environment: z.string().min(1).max(100),
  serial: z.int().min(1),
  // Bounds, so that a doctored file cannot make the process stretch for hours or take all memory.
  scrypt: z.strictObject({
    costLog2: z.int().min(14).max(20),
    blockSize: z.literal(8),
    parallel: z.literal(1),
    salt: z.base64url(),
  }),
  nonce: z.base64url(),
  sealed: z.base64url(),
})
type KeyringDocument = z.infer<typeof document>

const body = z.strictObject({
  versions: z.array(
    z.strictObject({
      version: z.int().min(1),
      state: z.enum(keyStates),
      createdAt: z.iso.datetime(),
      key: z.base64url().nullable(),
    }),
  ),
})

/** 128 MiB and about half a second for what a person can remember; 16 MiB for 256 random bits. */
const costLog2 = { passphrase: 17, file: 14 } as const

/** Writes a keyring as the text of its file, under a fresh salt and nonce. */
export async function sealKeyring(keyring: Keyring, credential: Credential): Promise<string> {
  const head = {
    format: 'vigil-keyring-1',
    id: keyring.id,
    environment: keyring.environment,
    serial: keyring.serial,
    scrypt: {
      costLog2: costLog2[credential.kind],
      blockSize: 8,
      parallel: 1,
      salt: randomBytes(16).toString('base64url'),
    },
    nonce: randomBytes(12).toString('base64url'),
  } as const
  const plain = Buffer.from(
    JSON.stringify({
      versions: keyring.versions.map((each) => ({
        version: each.version,
        state: each.state,
        createdAt: each.createdAt,
        key: each.key === null ? null : keyObjectOf(each.key).export().toString('base64url'),
      })),
    }),
  )
  const key = await stretch(credential, head.scrypt)
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(head.nonce, 'base64url'), {
    authTagLength: 16,
  })
  cipher.setAAD(headAad(head))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  plain.fill(0)
  key.fill(0)
  return `${JSON.stringify({ ...head, sealed: sealed.toString('base64url') } satisfies KeyringDocument, null, 2)}\n`
}

/**
 * Reads a keyring from the text of its file.
 * @throws ProviderDenial when the text is no keyring, was altered, or does not open with this credential
 */
export async function openKeyring(text: string, credential: Credential): Promise<Keyring> {
  const head = readDocument(text)
  const sealed = Buffer.from(head.sealed, 'base64url')
  const nonce = Buffer.from(head.nonce, 'base64url')
  if (sealed.length < 16 || nonce.length !== 12) throw new ProviderDenial('The keyring file is damaged.')
  const key = await stretch(credential, head.scrypt)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  key.fill(0)
  decipher.setAAD(headAad(head))
  decipher.setAuthTag(sealed.subarray(-16))
  const plain = decipher.update(sealed.subarray(0, -16))
  try {
    decipher.final()
  } catch {
    throw new ProviderDenial(
      'The keyring file does not open: it was altered, or the credential belongs to another one.',
    )
  }
  try {
    return readBody(head, plain)
  } finally {
    plain.fill(0)
  }
}

function readDocument(text: string): KeyringDocument {
  try {
    return document.parse(JSON.parse(text))
  } catch {
    throw new ProviderDenial('The keyring file is not a keyring, or only a part of one.')
  }
}

function readBody(head: KeyringDocument, plain: Buffer): Keyring {
  try {
    const { versions } = body.parse(JSON.parse(plain.toString('utf8')))
    return checkKeyring({
      id: head.id,
      environment: head.environment,
      serial: head.serial,
      versions: versions.map((each) => ({
        ...each,
        key: each.key === null ? null : new SecretKey(Buffer.from(each.key, 'base64url')),
      })),
    })
  } catch {
    throw new ProviderDenial('The keyring file opens, but its content breaks the rules of a keyring.')
  }
}

function headAad(head: Omit<KeyringDocument, 'sealed'>): Buffer {
  const { costLog2: cost, blockSize, parallel, salt } = head.scrypt
  const stretching = [cost, blockSize, parallel].map(String)
  return lengthPrefixed(head.format, head.id, head.environment, String(head.serial), ...stretching, salt)
}

function stretch(credential: Credential, how: KeyringDocument['scrypt']): Promise<Buffer> {
  const cost = 2 ** how.costLog2
  const options: ScryptOptions = {
    N: cost,
    r: how.blockSize,
    p: how.parallel,
    maxmem: 256 * cost * how.blockSize,
  }
  const secret = credential.secret.normalize('NFC')
  return new Promise((resolve, reject) => {
    scrypt(secret, Buffer.from(how.salt, 'base64url'), 32, options, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
