import 'server-only'

export const schemaOf = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const

/** Why a request was not done, as RFC 7644 §3.12 names it. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'

/** An error on its way to becoming an answer; its text is for the provider's administrator and names nobody. */
export class ScimRefusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 501
  readonly scimType: ScimType | undefined

  constructor(status: ScimRefusal['status'], detail: string, scimType?: ScimType) {
    super(detail)
    this.name = 'ScimRefusal'
    this.status = status
    this.scimType = scimType
  }
}

/** An answer in SCIM's media type (RFC 7644 §3.1); never stored anywhere. */
export function scimAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const init = {
    status,
    headers: { 'Content-Type': 'application/scim+json', 'Cache-Control': 'no-store', ...headers },
  }
  return new Response(body === null ? null : JSON.stringify(body), init)
}

/** An error in SCIM's form (RFC 7644 §3.12). */
export function scimError(
  { status, message, scimType }: Pick<ScimRefusal, 'message' | 'scimType'> & { status: number },
  headers: Record<string, string> = {},
): Response {
  return scimAnswer(
    status,
    { schemas: [schemaOf.error], status: String(status), ...(scimType && { scimType }), detail: message },
    headers,
  )
}

/** A list of resources, from `startIndex`, which counts from 1 (RFC 7644 §3.4.2). */
export function scimList(resources: readonly unknown[], total: number, startIndex = 1): Response {
  return scimAnswer(200, {
    schemas: [schemaOf.list],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  })
}
