import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { connectionFault, hasOwnPassword, passwordFileOf } from './connection-url.ts'
import { NotConfigured } from './errors.ts'
import {
  keyProviderNames,
  keyProviderRefusals,
  type KeyProviderEnv,
  keyProviderVariables,
  readKeyProviders,
} from './parse-key-providers.ts'
import {
  readSealPlaces,
  type SealPlacesEnv,
  sealPlaceRefusals,
  sealPlaceVariables,
} from './parse-seal-places.ts'
import { readSmtp, type SmtpEnv, smtpRefusals, smtpVariables } from './parse-smtp.ts'
import {
  readSingleSignOn,
  type SingleSignOnEnv,
  singleSignOnRefusals,
  singleSignOnVariables,
} from './parse-single-sign-on.ts'
import { readSecretLines } from './secret-file.ts'

/**
 * Every setting of Vigil. An empty string counts as missing.
 * There is no setting that turns a safeguard off. docs/configuration.md explains each one; a test holds the two together.
 */
const optional = z.string().optional()
const port = z.coerce.number().int().min(1).max(65_535)

const isProxyAddress = (address: string): boolean => {
  const [ip = '', bits, ...rest] = address.split('/')
  return isIP(ip) !== 0 && rest.length === 0 && (bits === undefined || /^[0-9]{1,3}$/.test(bits))
}

const variables = z.object({
  // Where and as what it runs
  VIGIL_ENV: z.enum(['demo', 'production']).default('demo'),
  VIGIL_HOME: z.string().default('.vigil'),

  // The web address
  PORT: port.default(3000),
  LISTEN_ADDRESS: z.string().default('127.0.0.1'),
  VIGIL_URL: z.url({ protocol: /^https?$/ }).optional(),
  TLS_CERT_FILE: optional,
  TLS_KEY_FILE: optional,
  TRUSTED_PROXY: optional,

  // The database of records; without DATABASE_URL an embedded one is run under VIGIL_HOME
  DATABASE_URL: optional,
  DATABASE_WORKER_URL: optional,
  DATABASE_SEALER_URL: optional,
  DATABASE_AUDIT_URL: optional,
  DATABASE_OWNER_URL: optional,

  // The key store, a database server of its own
  KEYSTORE_URL: optional,
  KEYSTORE_OPERATOR_URL: optional,
  KEYSTORE_OWNER_URL: optional,

  // Root keys
  KEY_PROVIDER: z.enum(keyProviderNames).default('file'),
  KEYRING_FILE: optional,
  KEYRING_PASSPHRASE: optional,
  KEYRING_PASSPHRASE_NEXT: optional,
  ...keyProviderVariables,
  ...sealPlaceVariables,

  // Vouches for rows of the audit trail
  ATTESTATION_KEY_FILE: optional,

  // Sign-in: seals the cookies of next-auth and iron-session
  SESSION_SECRET: optional,
  SESSION_SECRET_FILE: optional,

  // Letters by e-mail
  ...smtpVariables,
  // The identity provider of staff
  ...singleSignOnVariables,
})

/** Names of all settings, for the test that compares them with docs/configuration.md. */
export const variableNames = Object.keys(variables.shape)

const databaseNames = [
  'DATABASE_URL',
  'DATABASE_WORKER_URL',
  'DATABASE_SEALER_URL',
  'DATABASE_AUDIT_URL',
  'DATABASE_OWNER_URL',
  'KEYSTORE_URL',
  'KEYSTORE_OPERATOR_URL',
  'KEYSTORE_OWNER_URL',
] as const

/** Who else is needed: holders of root keys, witnesses, a bucket, a mail server, an identity provider. */
type OthersEnv = KeyProviderEnv & SealPlacesEnv & SmtpEnv & SingleSignOnEnv

export type Env = OthersEnv & {
  readonly environment: 'demo' | 'production'
  /** absolute path of the directory that holds the embedded databases, secrets and keys */
  readonly home: string
  readonly port: number
  readonly listenAddress: string
  /** origin that people type, without a trailing slash */
  readonly url: string
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  /** addresses or CIDR ranges whose X-Forwarded-For is believed */
  readonly trustedProxies: readonly string[]
  readonly databaseUrl: string | undefined
  readonly databaseWorkerUrl: string | undefined
  readonly databaseSealerUrl: string | undefined
  readonly databaseAuditUrl: string | undefined
  readonly databaseOwnerUrl: string | undefined
  readonly keystoreUrl: string | undefined
  readonly keystoreOperatorUrl: string | undefined
  readonly keystoreOwnerUrl: string | undefined
  /** who holds the root keys */
  readonly keyProvider: (typeof keyProviderNames)[number]
  readonly keyringFile: string
  /** opens the keyring file; without one a random credential in the home's `secrets` does */
  readonly keyringPassphrase: string | undefined
  /** is to take its place: opens the keyring as well, so that every process knows it before it is used */
  readonly keyringPassphraseNext: string | undefined
  /** file with the secret by which processes vouch for rows of the audit trail; in the home without one */
  readonly attestationKeyFile: string | undefined
  readonly sessionSecret: string | undefined
  /** read anew whenever it is needed, so that the secret can be changed while Vigil runs */
  readonly sessionSecretFile: string | undefined
}

/** Every secret that a demo home makes starts with this, so that production can tell one anywhere. */
export const demoSecretPrefix = 'demo-'

const secretFault = (secret: string, lengthMin: number): string | undefined => {
  if (secret.startsWith(demoSecretPrefix)) return 'is the secret of a demo'
  if (secret.length < lengthMin) return `is shorter than ${lengthMin} characters`
  return undefined
}

const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(address)

const isReadable = (file: string): boolean => {
  try {
    return readFileSync(file).length > 0
  } catch {
    return false
  }
}

/** What a secret's file holds; undefined when it cannot be read or is empty. */
const secretsIn = (file: string): string[] | undefined => {
  try {
    const lines = readSecretLines(file)
    return lines.length === 0 ? undefined : lines
  } catch {
    return undefined
  }
}

type Variables = z.infer<typeof variables>

/** Password files of the addresses, and the file of the session secret. */
const secretFileRefusals = function* (given: Variables, production: boolean): Generator<string> {
  for (const name of databaseNames) {
    const file = given[name] === undefined ? undefined : passwordFileOf(given[name])
    if (file === undefined) continue
    const secrets = secretsIn(file)
    if (hasOwnPassword(given[name] ?? ''))
      yield `${name} holds a password and names a password_file: take the password out of the address.`
    else if (!path.isAbsolute(file))
      yield `The password_file in ${name} is not an absolute path: write it from the root.`
    else if (secrets === undefined)
      yield `The password_file in ${name} cannot be read: check the path and that the user who starts Vigil may read it.`
    else {
      const fault = production ? secrets.map((each) => secretFault(each, 16)).find((each) => each) : undefined
      if (fault !== undefined)
        yield `The password in the password_file of ${name} ${fault}: set a random one of at least 16 characters for that login.`
    }
  }
  if (given.SESSION_SECRET_FILE === undefined) return
  const secrets = secretsIn(given.SESSION_SECRET_FILE)
  const fault = production ? secrets?.map((each) => secretFault(each, 32)).find((each) => each) : undefined
  if (given.SESSION_SECRET !== undefined)
    yield 'Both SESSION_SECRET and SESSION_SECRET_FILE are set: take one of them out.'
  else if (secrets === undefined)
    yield 'SESSION_SECRET_FILE cannot be read: check the path and that the user who starts Vigil may read it.'
  else if (fault !== undefined)
    yield `The secret in SESSION_SECRET_FILE ${fault}, so anyone could forge a cookie: put a random one into it, for example from "openssl rand -base64 48".`
}

/** Why Vigil must not start with these settings: one sentence each, saying why and what to do. */
const refusals = function* (given: Variables): Generator<string> {
  const production = given.VIGIL_ENV === 'production'
  for (const name of databaseNames) {
    const fault = given[name] === undefined ? undefined : connectionFault(given[name], { production })
    if (fault !== undefined) yield `${name} ${fault}`
  }
  for (const name of databaseNames) {
    if (!production || given[name] === undefined || !URL.canParse(given[name])) continue
    const password = decodeURIComponent(new URL(given[name]).password)
    const fault = password === '' ? undefined : secretFault(password, 16)
    if (fault !== undefined)
      yield `The password in ${name} ${fault}: set a random one of at least 16 characters for that login.`
  }
  if (production && (given.DATABASE_URL === undefined) !== (given.KEYSTORE_URL === undefined))
    yield 'Only one of DATABASE_URL and KEYSTORE_URL is set, and a backup of one server without the other opens nothing: set both, or neither.'
  if ((given.TLS_CERT_FILE === undefined) !== (given.TLS_KEY_FILE === undefined))
    yield 'Only one of TLS_CERT_FILE and TLS_KEY_FILE is set: set both, the certificate chain and its private key, as PEM files.'
  for (const name of ['TLS_CERT_FILE', 'TLS_KEY_FILE'] as const)
    if (given[name] !== undefined && !isReadable(given[name]))
      yield `${name} cannot be read: check the path and that the user who starts Vigil may read it.`
  if (
    given.TRUSTED_PROXY !== undefined &&
    !given.TRUSTED_PROXY.split(',').every((a) => isProxyAddress(a.trim()))
  )
    yield 'TRUSTED_PROXY is not a list of addresses: write the addresses of your proxies, separated by commas, for example 10.0.0.5,10.1.0.0/16.'
  if (
    !isLoopback(given.LISTEN_ADDRESS) &&
    given.TLS_CERT_FILE === undefined &&
    given.TRUSTED_PROXY === undefined
  )
    yield `Vigil would listen on ${given.LISTEN_ADDRESS}, beyond this machine, without encryption: set TLS_CERT_FILE and TLS_KEY_FILE, or put a proxy with TLS in front and name it in TRUSTED_PROXY.`
  for (const name of ['KEYRING_PASSPHRASE', 'KEYRING_PASSPHRASE_NEXT'] as const) {
    const fault = production && given[name] !== undefined ? secretFault(given[name], 16) : undefined
    if (fault !== undefined)
      yield `${name} ${fault}, so whoever copies the keyring could guess it: take a long random one, or leave it out and let Vigil make a credential file.`
  }
  if (production && given.SESSION_SECRET !== undefined) {
    const fault = secretFault(given.SESSION_SECRET, 32)
    if (fault !== undefined)
      yield `SESSION_SECRET ${fault}, so anyone could forge a cookie: set a random one, for example from "openssl rand -base64 48".`
  }
  yield* secretFileRefusals(given, production)
  yield* keyProviderRefusals(given)
  yield* sealPlaceRefusals(given)
  yield* smtpRefusals(given)
  yield* singleSignOnRefusals(given)
  if (
    production &&
    given.SESSION_SECRET === undefined &&
    given.SESSION_SECRET_FILE === undefined &&
    given.DATABASE_URL !== undefined
  )
    yield 'SESSION_SECRET is missing, so a second web process could not read the cookies of the first: set a random one, for example from "openssl rand -base64 48".'
}

/**
 * Reads settings out of an environment.
 * @throws NotConfigured whose message holds one sentence per fault
 */
export const parseEnv = (source: Readonly<Record<string, string | undefined>>): Env => {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = variables.safeParse(present)
  if (!parsed.success)
    throw new NotConfigured(
      parsed.error.issues
        .map((issue) => `${issue.path.join('.')} is not valid (${issue.message}): see docs/configuration.md.`)
        .join('\n'),
    )
  const given = parsed.data
  const faults = [...refusals(given)]
  if (faults.length > 0) throw new NotConfigured(faults.join('\n'))

  const home = path.resolve(given.VIGIL_HOME)
  return Object.freeze({
    environment: given.VIGIL_ENV,
    home,
    port: given.PORT,
    listenAddress: given.LISTEN_ADDRESS,
    url: new URL(
      given.VIGIL_URL ?? `${given.TLS_CERT_FILE === undefined ? 'http' : 'https'}://localhost:${given.PORT}`,
    ).origin,
    tls:
      given.TLS_CERT_FILE !== undefined && given.TLS_KEY_FILE !== undefined
        ? { certFile: given.TLS_CERT_FILE, keyFile: given.TLS_KEY_FILE }
        : undefined,
    trustedProxies: given.TRUSTED_PROXY?.split(',').map((address) => address.trim()) ?? [],
    databaseUrl: given.DATABASE_URL,
    databaseWorkerUrl: given.DATABASE_WORKER_URL,
    databaseSealerUrl: given.DATABASE_SEALER_URL,
    databaseAuditUrl: given.DATABASE_AUDIT_URL,
    databaseOwnerUrl: given.DATABASE_OWNER_URL,
    keystoreUrl: given.KEYSTORE_URL,
    keystoreOperatorUrl: given.KEYSTORE_OPERATOR_URL,
    keystoreOwnerUrl: given.KEYSTORE_OWNER_URL,
    keyProvider: given.KEY_PROVIDER,
    keyringFile: path.resolve(given.KEYRING_FILE ?? path.join(home, 'keys', 'keyring.json')),
    keyringPassphrase: given.KEYRING_PASSPHRASE,
    keyringPassphraseNext: given.KEYRING_PASSPHRASE_NEXT,
    ...readKeyProviders(given),
    ...readSealPlaces(given),
    ...readSmtp(given),
    ...readSingleSignOn(given),
    attestationKeyFile:
      given.ATTESTATION_KEY_FILE === undefined ? undefined : path.resolve(given.ATTESTATION_KEY_FILE),
    sessionSecret: given.SESSION_SECRET,
    sessionSecretFile:
      given.SESSION_SECRET_FILE === undefined ? undefined : path.resolve(given.SESSION_SECRET_FILE),
  })
}
