import { describe, expect, test } from 'vitest'
import { contentSecurityPolicy, isInternalHeader, securityHeaders } from './security-headers.ts'

const nonce = 'bm9uY2Utb2YtdGhlLXRlc3Q='
const production = { nonce, https: true, development: false }
const directives = (policy: string) =>
  new Map(policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]))

describe('the content security policy', () => {
  const policy = directives(contentSecurityPolicy(production))

  test('lets run what carries this answer’s nonce, and nothing that merely stands in the page', () => {
    expect(policy.get('script-src')).toEqual(["'self'", `'nonce-${nonce}'`, "'strict-dynamic'"])
    expect(policy.get('style-src')).toEqual(["'self'", `'nonce-${nonce}'`])
    expect(contentSecurityPolicy(production)).not.toMatch(
      /unsafe-(inline|eval|hashes)|https?:|\*|data:|blob:/,
    )
  })

  test.each([
    ['default-src', "'none'"],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['frame-ancestors', "'none'"],
    ['form-action', "'self'"],
    ['connect-src', "'self'"],
  ])('%s is %s', (directive, source) => expect(policy.get(directive)).toEqual([source]))
})

test('the other headers of every answer', () => {
  expect(securityHeaders(production)).toMatchObject({
    'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  })
  expect(securityHeaders(production)['Permissions-Policy']).toContain('camera=()')
})

test('over plain http nothing promises https', () => {
  const headers = securityHeaders({ ...production, https: false })
  expect(headers).not.toHaveProperty('Strict-Transport-Security')
  expect(headers['Content-Security-Policy']).not.toContain('upgrade-insecure-requests')
})

test('headers by which next’s parts talk to each other are not accepted from outside', () => {
  for (const name of [
    'x-middleware-subrequest',
    'x-middleware-override-headers',
    'x-middleware-request-cookie',
    'x-vigil-path',
    'x-invoke-path',
    'x-matched-path',
  ])
    expect(isInternalHeader(name), name).toBe(true)
  for (const name of ['cookie', 'next-action', 'rsc', 'x-vigil-client-address', 'x-forwarded-for'])
    expect(isInternalHeader(name), name).toBe(false)
})
