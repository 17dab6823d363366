import { expect, test } from 'vitest'

import { formatVerifierKey, makeSignerKey } from './merkle/note-key.ts'
import { parseEnv } from './parse-env.ts'

const key = formatVerifierKey(makeSignerKey('w.example/1', 'cosignature').verifier)
const other = formatVerifierKey(makeSignerKey('w.example/2', 'cosignature').verifier)

test('witnesses and a bucket are named by settings', () => {
  expect(parseEnv({})).toMatchObject({ witnesses: [], witnessQuorum: 0, anchorBucket: undefined })
  expect(
    parseEnv({
      WITNESS_URL: 'https://a.example:1/, http://127.0.0.1:2',
      WITNESS_KEY: `${key}, ${other}`,
      ANCHOR_BUCKET: 'checkpoints',
    }),
  ).toMatchObject({
    witnesses: [
      { url: 'https://a.example:1', key },
      { url: 'http://127.0.0.1:2', key: other },
    ],
    witnessQuorum: 2,
    anchorBucket: { name: 'checkpoints', days: 3650, minutes: 60 },
  })
})

test('what cannot work is refused with a sentence', () => {
  const log = formatVerifierKey(makeSignerKey('log.example/1').verifier)
  const refusals: [Record<string, string>, string][] = [
    [{ WITNESS_URL: 'http://a.example', WITNESS_KEY: key }, 'without TLS'],
    [{ WITNESS_URL: 'a', WITNESS_KEY: key }, 'is not an address'],
    [{ WITNESS_URL: 'https://a.example' }, 'equally many'],
    [{ WITNESS_URL: 'https://a.example', WITNESS_KEY: 'x' }, 'not a verifier key'],
    [{ WITNESS_URL: 'https://a.example', WITNESS_KEY: log }, 'log’s key'],
    [{ WITNESS_URL: 'https://a.example', WITNESS_KEY: key, WITNESS_QUORUM: '2' }, 'larger than'],
    [{ ANCHOR_BUCKET: 'b-1', ANCHOR_BUCKET_ENDPOINT: 'http://s3.example' }, 'without TLS'],
  ]
  for (const [given, words] of refusals) expect(() => parseEnv(given)).toThrow(words)
})
