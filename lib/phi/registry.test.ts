import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { bodyDigest, fields, schemaDigest } from './fields.generated.ts'
import { searchIndexes, storedTokens } from './indexes.ts'
import { modelOf, models } from './registry.ts'
import { recordModels } from './record-client.ts'
import { views } from '#lib/policy/views.ts'
import { indexKeys } from '#lib/crypto/index-keys.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'

const root = path.resolve(import.meta.dirname, '../..')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('the registry of encrypted fields', () => {
  test('is the one that the schema makes (run `npx prisma generate`)', () => {
    expect(schemaDigest).toBe(sha256(readFileSync(path.join(root, 'prisma/schema.prisma'), 'utf8')))
  })

  test('was not edited by hand', () => {
    const text = readFileSync(path.join(root, 'lib/phi/fields.generated.ts'), 'utf8')
    expect(sha256(text.slice(text.indexOf('export const fields')))).toBe(bodyDigest)
  })

  test('gives every encrypted column a name of its own, since the name is sealed into each cell', () => {
    const ids = [...models.values()].flatMap((model) =>
      [...model.encrypted.values()].map((field) => field.cell.id),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(100)
  })

  test('has an owner for every model of the record, and none for the directories', () => {
    expect([...models.values()].filter((model) => model.owner === null).map((model) => model.name)).toEqual([
      'Practitioner',
      'Organization',
    ])
    expect(models.size).toBe(recordModels.length)
  })

  test('does not know accounts, sessions, tokens or history as models of a record', () => {
    for (const name of ['Account', 'Session', 'SearchToken', 'RowHistory', 'Invitation']) {
      expect(() => modelOf(name)).toThrow('not part of a record')
    }
  })

  test('has an index for every token column, and real fields behind every search index', () => {
    const keys = indexKeys(1, new Map([[1, SecretKey.random()]]))
    const owner = '00000000-0000-4000-8000-000000000000'
    for (const model of models.values()) {
      for (const field of model.encrypted.values()) {
        if (field.tokens.length === 0) continue
        const tokens = storedTokens(keys, field.cell.id, owner, 'x')
        expect(tokens.length, field.cell.id).toBe(field.tokens.length)
        expect(tokens.filter((token) => token instanceof Uint8Array)).toHaveLength(1)
      }
    }
    for (const index of searchIndexes) {
      for (const field of index.fields) expect(modelOf(index.model).encrypted.has(field)).toBe(true)
    }
  })

  test('knows every field that a view declares', () => {
    for (const view of Object.values(views)) {
      for (const [name, declared] of Object.entries(view.fields)) {
        expect(Object.keys(fields)).toContain(name)
        for (const field of declared as readonly string[])
          expect(modelOf(name).encrypted.has(field), field).toBe(true)
      }
    }
  })
})
