import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pendingMigrations } from './applied-migrations.ts'
import { readMigrations } from './read-migrations.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'vigil-migrations-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, sql: string): void => {
  mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
}
const first = '20260101000100_create_roles_and_schemas'
const second = '20260101000200_create_app'
const applied = (): Map<string, string> =>
  new Map(readMigrations(folder).map(({ name, checksum }) => [name, checksum]))

describe('migrations of a folder', () => {
  it('come in order, with the checksum of their text and the bootstrap marked', () => {
    write(second, 'SELECT 2')
    write(first, 'SELECT 1')
    const migrations = readMigrations(folder)
    expect(migrations.map(({ name, isBootstrap }) => [name, isBootstrap])).toEqual([
      [first, true],
      [second, false],
    ])
    expect(migrations[1]?.checksum).toBe(createHash('sha256').update('SELECT 2').digest('hex'))
  })

  it('have the same checksum with either kind of line ends', () => {
    write(first, 'SELECT 1;\nSELECT 2;\n')
    const before = applied()
    write(first, 'SELECT 1;\r\nSELECT 2;\r\n')
    expect(applied()).toEqual(before)
  })

  it.each(['create_app', '2026_create_app', '20260101000100_Create', "20260101000100_x'; DROP"])(
    'refuse the name %s',
    (name) => {
      write(name, 'SELECT 1')
      expect(() => readMigrations(folder)).toThrow('is not named like a migration')
    },
  )

  it('refuse a bootstrap that is not the first', () => {
    write('20250101000000_create_app', 'SELECT 1')
    write(first, 'SELECT 1')
    expect(() => readMigrations(folder)).toThrow('give it the earliest time')
  })
})

describe('what is pending', () => {
  it('is what was not applied yet', () => {
    write(first, 'SELECT 1')
    const before = applied()
    write(second, 'SELECT 2')
    expect(pendingMigrations(readMigrations(folder), before).map(({ name }) => name)).toEqual([second])
  })

  it('is nothing, but a refusal, once applied history was edited', () => {
    write(first, 'SELECT 1')
    const before = applied()
    write(first, 'SELECT 1 -- edited')
    expect(() => pendingMigrations(readMigrations(folder), before)).toThrow(
      `${first} was changed after it was applied`,
    )
  })

  it('is a refusal when the database is ahead of this version', () => {
    write(first, 'SELECT 1')
    const newer = new Map([...applied(), ['20990101000000_add_future', 'f'.repeat(64)]])
    expect(() => pendingMigrations(readMigrations(folder), newer)).toThrow('run the newer version')
  })

  it('is a refusal when a new one would come before an applied one', () => {
    write(second, 'SELECT 2')
    const before = applied()
    const earlier = '20260101000150_create_phi'
    write(earlier, 'SELECT 1')
    expect(() => pendingMigrations(readMigrations(folder), before)).toThrow(
      `${earlier} would come before ${second}`,
    )
  })

  it('lets later roles be made ahead of the rest, and keeps their own order', () => {
    const roles = '20260101000300_create_roles'
    write(first, 'SELECT 1')
    write(roles, 'SELECT 3')
    const before = applied()
    write(second, 'SELECT 2')
    expect(readMigrations(folder).map(({ isBootstrap }) => isBootstrap)).toEqual([true, false, true])
    expect(pendingMigrations(readMigrations(folder), before).map(({ name }) => name)).toEqual([second])
    const early = '20260101000250_create_roles'
    write(early, 'SELECT 2')
    expect(() => pendingMigrations(readMigrations(folder), before)).toThrow(`${early} would come before`)
  })
})
