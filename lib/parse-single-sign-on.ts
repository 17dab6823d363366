import { z } from 'zod'
import { readSecretLines } from './secret-file.ts'

/* Settings of the identity provider through which staff may sign in (OpenID Connect). */
const optional = z.string().optional()

/** Signatures that a provider may be told to use; one of them, and never `none` or a shared secret (RFC 8725 §3.1). */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

export const singleSignOnVariables = {
  OIDC_ISSUER: optional,
  OIDC_CLIENT_ID: optional,
  OIDC_CLIENT_SECRET: optional,
  OIDC_CLIENT_SECRET_FILE: optional,
  OIDC_NAME: z
    .string()
    .regex(/^[\p{L}\p{N} .&’'-]{1,40}$/u)
    .default('hospital'),
  OIDC_SCOPE: z
    .string()
    .regex(/^openid( [\w.:/-]+)*$/)
    .default('openid email'),
  OIDC_ROLE_CLAIM: optional,
  OIDC_EMAIL_VERIFIED_CLAIM: z.string().default('email_verified'),
  OIDC_MFA_ACR: optional,
  OIDC_MFA_AMR: z.string().default('mfa'),
  OIDC_ALGORITHM: z.enum(algorithms).default('RS256'),
  OIDC_LOGOUT_TYPE: z.enum(['logout+jwt', 'any']).default('logout+jwt'),
}

const variables = z.object(singleSignOnVariables)
type Variables = z.infer<typeof variables>

export type SingleSignOnSettings = {
  /** exactly as the provider writes it in its metadata and tokens */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: () => string
  /** what people call it, in "Use your … account" */
  readonly name: string
  readonly scope: string
  /** the claim whose words the table of roles is about; without one, roles are given in Vigil or by SCIM */
  readonly roleClaim: string | undefined
  /** the claim that is true when the provider has checked the address */
  readonly emailVerifiedClaim: string
  /** values of `acr` that mean a second factor; asked for as acr_values too */
  readonly mfaAcr: readonly string[]
  /** values of `amr` that do (RFC 8176) */
  readonly mfaAmr: readonly string[]
  readonly algorithm: (typeof algorithms)[number]
  /** whether a logout token must say in its header that it is one */
  readonly isLogoutTyped: boolean
}

export type SingleSignOnEnv = { readonly singleSignOn: SingleSignOnSettings | undefined }

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

/** Whether an address of the provider may be asked: by TLS, or on this machine. */
export const isProviderAddress = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (username !== '' || password !== '' || hash !== '') return false
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|127[.][0-9.]+|\[::1\])$/.test(hostname))
  )
}

/** Why Vigil must not start with these settings: one sentence each. */
export const singleSignOnRefusals = function* (given: Variables): Generator<string> {
  const names = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_CLIENT_SECRET_FILE'] as const
  if (names.every((name) => given[name] === undefined)) return
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_SECRET: secret, OIDC_CLIENT_SECRET_FILE: file } = given
  if (issuer === undefined || given.OIDC_CLIENT_ID === undefined || (secret ?? file) === undefined)
    yield 'Only some of OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set: set all three as your identity provider gives them, or none.'
  if (issuer !== undefined && (!isProviderAddress(issuer) || new URL(issuer).search !== ''))
    yield 'OIDC_ISSUER would be reached without TLS beyond this machine, or is no issuer: write the https address that your provider calls its issuer.'
  if (secret !== undefined && file !== undefined)
    yield 'Both OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are set: take one of them out.'
  if (file !== undefined && firstLine(file) === undefined)
    yield 'OIDC_CLIENT_SECRET_FILE cannot be read or is empty: check the path and that the user who starts Vigil may read it.'
  if (given.OIDC_MFA_ACR === undefined && listOf(given.OIDC_MFA_AMR).length === 0)
    yield 'OIDC_MFA_AMR names nothing: write the values of amr by which your provider says that it asked for a second factor.'
}

/** The settings, checked before; undefined without a provider. */
export const readSingleSignOn = (given: Variables): SingleSignOnEnv => {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET_FILE: file } = given
  if (issuer === undefined || clientId === undefined) return { singleSignOn: undefined }
  return {
    singleSignOn: {
      issuer,
      clientId,
      // read anew each time, so that the secret can be changed while Vigil runs
      clientSecret: () => (file === undefined ? given.OIDC_CLIENT_SECRET : firstLine(file)) ?? '',
      name: given.OIDC_NAME,
      scope: given.OIDC_SCOPE,
      roleClaim: given.OIDC_ROLE_CLAIM,
      emailVerifiedClaim: given.OIDC_EMAIL_VERIFIED_CLAIM,
      mfaAcr: listOf(given.OIDC_MFA_ACR),
      mfaAmr: listOf(given.OIDC_MFA_AMR),
      algorithm: given.OIDC_ALGORITHM,
      isLogoutTyped: given.OIDC_LOGOUT_TYPE === 'logout+jwt',
    },
  }
}

const firstLine = (file: string): string | undefined => {
  try {
    return readSecretLines(file)[0]
  } catch {
    return undefined
  }
}
