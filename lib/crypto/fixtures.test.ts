import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { blindIndex, codeToken, indexColumn } from './blind-index.ts'
import { cellColumn, cellTypeCodes, type CellType, type PadBlock } from './cell-column.ts'
import { cellDigest, cellDigestKey } from './cell-digest.ts'
import { contentDigest } from './content-digest.ts'
import { DataKey, DataKeys } from './data-keys.ts'
import { indexKeys } from './index-keys.ts'
import { normalisations, type Normalisation } from './normalise.ts'
import { openCell } from './open-cell.ts'
import { pseudonym } from './pseudonym.ts'
import { recordId } from './record-id.ts'
import { rowAddress } from './row-address.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'
import { unwrapKey } from './unwrap-key.ts'

/*
 * Attack 57: what this version wrote must open, and be found, in every later one. The fixtures were made once with fixed keys
 * and are never made again; a change that breaks one of them would have lost a patient's record.
 */
const isType = (type: string): type is CellType => Object.hasOwn(cellTypeCodes, type)
const isRule = (rule: string): rule is Normalisation => Object.hasOwn(normalisations, rule)
const isPad = (pad: number): pad is PadBlock => [0, 16, 32, 64].includes(pad)

const fixtures = z
  .object({
    keys: z.record(z.string(), z.string()),
    cells: z.array(
      z.object({
        column: z.string(),
        type: z.string().refine(isType),
        pad: z.number().refine(isPad),
        rowId: z.string(),
        ownerId: z.string(),
        key: z.string(),
        version: z.number(),
        value: z.json(),
        cell: z.string(),
      }),
    ),
    index: z.object({
      key: z.string(),
      version: z.number(),
      tokens: z.array(
        z.object({
          column: z.string(),
          rule: z.string().refine(isRule),
          bits: z.number(),
          value: z.string(),
          token: z.string(),
        }),
      ),
      code: z.object({
        column: z.string(),
        rule: z.string().refine(isRule),
        patient: z.string(),
        value: z.string(),
        token: z.string(),
      }),
    }),
    identity: z.object({
      key: z.string(),
      recordId: z.object({ source: z.string(), type: z.string(), id: z.string(), answer: z.string() }),
      pseudonym: z.object({ scope: z.string(), id: z.string(), answer: z.string() }),
      contentDigest: z.object({ context: z.string(), content: z.json(), answer: z.string() }),
      cellDigest: z.object({ cell: z.number(), answer: z.string() }),
    }),
    wrapped: z.object({
      wrapping: z.string(),
      wrappingVersion: z.number(),
      key: z.string(),
      context: z.object({
        purpose: z.literal('data-key'),
        keyring: z.string(),
        environment: z.string(),
        owner: z.string(),
        version: z.number(),
      }),
      wrapped: z.string(),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('./fixtures/phi1.json', import.meta.url), 'utf8')))

const key = (name: string) => new SecretKey(Buffer.from(fixtures.keys[name] ?? '', 'hex'))
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

describe('attack 57: what was written once', () => {
  test.each(fixtures.cells)('$type cell of $column, version $version, opens', (fixture) => {
    const { ownerId, rowId, version, type, pad, cell, value } = fixture
    const keys = new DataKeys(ownerId, [
      new DataKey({ ownerId, version, state: 'decrypt_only', key: key(fixture.key) }),
    ])
    const opened = openCell(keys, cellColumn(fixture.column, type, pad), rowAddress(rowId, ownerId), cell)
    expect(opened instanceof Uint8Array ? hex(opened) : opened).toEqual(value)
    // Control: the other key of the fixtures does not open it.
    const wrong = new DataKey({
      ownerId,
      version,
      state: 'decrypt_only',
      key: key(fixture.key === 'one' ? 'two' : 'one'),
    })
    const shut = () =>
      openCell(
        new DataKeys(ownerId, [wrong]),
        cellColumn(fixture.column, type, pad),
        rowAddress(rowId, ownerId),
        cell,
      )
    expect(shut).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTIC' }))
  })

  test('every format that is written or read has a fixture, so that none can be added without', () => {
    const sources = readdirSync(new URL('.', import.meta.url)).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    )
    const named = sources.flatMap((file) => {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8')
      return [...text.matchAll(/\b(?:phi|vkw)\d+\b/g)].map(([name]) => name)
    })
    const formats = new Set(named)
    expect(formats).toContain('phi1')
    for (const format of formats) {
      if (!format.startsWith('phi')) continue
      const file = new URL(`./fixtures/${format}.json`, import.meta.url)
      expect(existsSync(file), `lib/crypto/fixtures/${format}.json`).toBe(true)
      expect(readFileSync(file, 'utf8')).toContain(`"${format}.`)
    }
    // Wrapped keys: the one below names no format, because it is bound to it.
    expect([...formats].filter((format) => !format.startsWith('phi'))).toEqual(['vkw1'])
    // Those that are there stay there, also when nothing writes them any more.
    expect(readdirSync(new URL('./fixtures', import.meta.url))).toContain('phi1.json')
  })

  test('every type and every padding has a fixture', () => {
    expect(new Set(fixtures.cells.map((each) => each.type))).toEqual(new Set(Object.keys(cellTypeCodes)))
    expect(new Set(fixtures.cells.map((each) => each.pad))).toEqual(new Set([0, 16, 32, 64]))
  })

  const index = indexKeys(
    fixtures.index.version,
    new Map([[fixtures.index.version, key(fixtures.index.key)]]),
  )

  test.each(fixtures.index.tokens)(
    '$rule token of $column, $bits bits, is found',
    ({ column, rule, bits, value, token }) => {
      expect(hex(blindIndex(index, indexColumn(column, rule, { bits }), value)?.bytes)).toBe(token)
    },
  )

  test('every normalisation has a fixture', () => {
    expect(new Set(fixtures.index.tokens.map((each) => each.rule))).toEqual(
      new Set(Object.keys(normalisations)),
    )
  })

  test('code token, record id, pseudonym and digests are what they were', () => {
    const { code } = fixtures.index
    expect(hex(codeToken(index, indexColumn(code.column, code.rule), code.patient, code.value)?.bytes)).toBe(
      code.token,
    )
    const { identity, cells } = fixtures
    const root = key(identity.key)
    const { source, type, id, answer } = identity.recordId
    expect(recordId(root, source, type, id)).toBe(answer)
    expect(pseudonym(root, identity.pseudonym.scope, identity.pseudonym.id)).toBe(identity.pseudonym.answer)
    const { context, content } = identity.contentDigest
    expect(hex(contentDigest(root, context, content))).toBe(identity.contentDigest.answer)
    const cell = cells[identity.cellDigest.cell]
    if (!cell) throw new Error('no such cell')
    const address = rowAddress(cell.rowId, cell.ownerId)
    // The trail holds the first 12 bytes of the code.
    expect(cellDigest(cellDigestKey(root), cellColumn(cell.column, cell.type), address, cell.cell)).toBe(
      Buffer.from(identity.cellDigest.answer, 'hex').subarray(0, 12).toString('base64url'),
    )
  })

  test('a wrapped key unwraps', () => {
    const { wrapping, wrappingVersion, context, wrapped, key: name } = fixtures.wrapped
    const unwrapped = unwrapKey(key(wrapping), wrappingVersion, Buffer.from(wrapped, 'hex'), context)
    expect(keyObjectOf(unwrapped).export().toString('hex')).toBe(fixtures.keys[name])
  })
})
