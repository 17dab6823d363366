import { expect, test } from 'vitest'
import { isSameOrigin } from './same-origin.ts'

const request = (headers: Record<string, string>) =>
  new Request('https://portal.example/sign-out', {
    method: 'POST',
    headers: { host: 'portal.example', ...headers },
  })

test.each([
  [{ origin: 'https://portal.example' }],
  [{ origin: 'https://portal.example', 'sec-fetch-site': 'same-origin' }],
  [{ 'sec-fetch-site': 'same-origin' }],
  [{ origin: 'null', 'sec-fetch-site': 'same-origin' }],
])('%j is from a page of ours', (headers) => expect(isSameOrigin(request(headers))).toBe(true))

test.each([
  [{}],
  [{ origin: 'null' }],
  [{ origin: '' }],
  [{ origin: 'https://evil.example' }],
  [{ origin: 'https://portal.example.evil.example' }],
  [{ origin: 'https://portal.example:444' }],
  [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  [{ origin: 'https://portal.example', 'sec-fetch-site': 'cross-site' }],
  [{ origin: 'https://portal.example', 'sec-fetch-site': 'same-site' }],
  [{ origin: 'https://portal.example', 'sec-fetch-site': 'none' }],
  [{ origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' }],
])('%j is not', (headers) => expect(isSameOrigin(request(headers))).toBe(false))
