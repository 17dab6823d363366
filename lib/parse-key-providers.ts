import path from 'node:path'
import { z } from 'zod'

/*
 * Settings of the key providers beyond this machine's disk. Names of the providers' own tools are used where there are any
 * (AWS CLI, Vault CLI). A provider whose settings are complete can be opened; KEY_PROVIDER says which one wraps.
 */
const optional = z.string().optional()

export const keyProviderNames = ['file', 'aws-kms', 'vault', 'pkcs11'] as const

export const keyProviderVariables = {
  // A key in AWS KMS
  AWS_KMS_KEY_ID: optional,
  AWS_KMS_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  AWS_REGION: optional,

  // The transit engine of Vault or OpenBao
  VAULT_ADDR: z.url({ protocol: /^https?$/ }).optional(),
  VAULT_NAMESPACE: optional,
  VAULT_CACERT: optional,
  VAULT_TOKEN_FILE: optional,
  VAULT_TRANSIT_MOUNT: z
    .string()
    .regex(/^[\w-]+(\/[\w-]+)*$/)
    .default('transit'),
  VAULT_TRANSIT_KEY: z
    .string()
    .regex(/^[\w-]+$/)
    .default('vigil'),

  // A token that speaks PKCS#11
  PKCS11_MODULE: optional,
  PKCS11_TOKEN_LABEL: optional,
  PKCS11_TOKEN_SERIAL: optional,
  PKCS11_PIN: optional,
  PKCS11_PIN_FILE: optional,
}

const variables = z.object({ KEY_PROVIDER: z.enum(keyProviderNames), ...keyProviderVariables })
type Variables = z.infer<typeof variables>

export type KeyProviderEnv = {
  /** undefined when AWS_KMS_KEY_ID is not set */
  readonly awsKms:
    | {
        /** ARN, key id or alias */
        readonly keyId: string
        readonly region: string | undefined
        /** of a VPC endpoint; AWS's own when left out */
        readonly endpoint: string | undefined
      }
    | undefined
  /** undefined when VAULT_ADDR or VAULT_TOKEN_FILE is not set */
  readonly vault:
    | {
        readonly address: string
        readonly namespace: string | undefined
        readonly mount: string
        readonly key: string
        readonly tokenFile: string
        readonly caFile: string | undefined
      }
    | undefined
  /** undefined when PKCS11_MODULE, the token's name, or the PIN is not set */
  readonly pkcs11:
    | {
        readonly module: string
        readonly tokenLabel: string | undefined
        readonly tokenSerial: string | undefined
        readonly pin: string | undefined
        readonly pinFile: string | undefined
      }
    | undefined
}

export const readKeyProviders = (given: Variables): KeyProviderEnv => ({
  awsKms:
    given.AWS_KMS_KEY_ID === undefined
      ? undefined
      : { keyId: given.AWS_KMS_KEY_ID, region: given.AWS_REGION, endpoint: given.AWS_KMS_ENDPOINT },
  vault:
    given.VAULT_ADDR === undefined || given.VAULT_TOKEN_FILE === undefined
      ? undefined
      : {
          address: given.VAULT_ADDR,
          namespace: given.VAULT_NAMESPACE,
          mount: given.VAULT_TRANSIT_MOUNT,
          key: given.VAULT_TRANSIT_KEY,
          tokenFile: path.resolve(given.VAULT_TOKEN_FILE),
          caFile: given.VAULT_CACERT === undefined ? undefined : path.resolve(given.VAULT_CACERT),
        },
  pkcs11:
    given.PKCS11_MODULE === undefined || pkcs11Lacks(given) !== undefined
      ? undefined
      : {
          module: given.PKCS11_MODULE,
          tokenLabel: given.PKCS11_TOKEN_LABEL,
          tokenSerial: given.PKCS11_TOKEN_SERIAL,
          pin: given.PKCS11_PIN,
          pinFile: given.PKCS11_PIN_FILE === undefined ? undefined : path.resolve(given.PKCS11_PIN_FILE),
        },
})

const pkcs11Lacks = (given: Variables): string | undefined => {
  if (given.PKCS11_MODULE === undefined) return 'PKCS11_MODULE'
  if (given.PKCS11_TOKEN_LABEL === undefined && given.PKCS11_TOKEN_SERIAL === undefined)
    return 'PKCS11_TOKEN_LABEL'
  return given.PKCS11_PIN === undefined && given.PKCS11_PIN_FILE === undefined ? 'PKCS11_PIN_FILE' : undefined
}

const lacks = (given: Variables): string | undefined => {
  switch (given.KEY_PROVIDER) {
    case 'file':
      return undefined
    case 'aws-kms':
      return given.AWS_KMS_KEY_ID === undefined ? 'AWS_KMS_KEY_ID' : undefined
    case 'vault':
      if (given.VAULT_ADDR === undefined) return 'VAULT_ADDR'
      return given.VAULT_TOKEN_FILE === undefined ? 'VAULT_TOKEN_FILE' : undefined
    case 'pkcs11':
      return pkcs11Lacks(given)
  }
}

/** Data keys go over this connection in clear, so it has to be TLS, or never leave the machine. */
const isInClear = (address: string): boolean => {
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && !/^(localhost|\[::1\]|127(\.[0-9]{1,3}){3})$/.test(hostname)
}

/** Why Vigil must not start with these settings of key providers. */
export const keyProviderRefusals = function* (given: Variables): Generator<string> {
  const missing = lacks(given)
  if (missing !== undefined)
    yield `KEY_PROVIDER is ${given.KEY_PROVIDER}, and ${missing} is missing: see "Root keys" in docs/configuration.md.`
  for (const name of ['VAULT_ADDR', 'AWS_KMS_ENDPOINT'] as const)
    if (given[name] !== undefined && isInClear(given[name]))
      yield `${name} would be reached without encryption beyond this machine, with keys on the way: use an https address.`
  if (given.PKCS11_PIN !== undefined && given.PKCS11_PIN_FILE !== undefined)
    yield 'Both PKCS11_PIN and PKCS11_PIN_FILE are set: take one of them out.'
}
