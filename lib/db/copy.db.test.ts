import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '#lib/testing/test-database.ts'
import { copyIn } from './copy-in.ts'
import { copyOut, type CopiedRow } from './copy-out.ts'

let client: pg.Client

beforeAll(async () => {
  const { urls } = await testDatabase()
  client = new pg.Client({ connectionString: urls.superuser })
  await client.connect()
  await client.query('CREATE TEMPORARY TABLE copied (at integer NOT NULL, text text, bytes bytea)')
})
afterAll(() => client.end())

const asItIs = (row: CopiedRow): CopiedRow => row

describe('copyOut', () => {
  test('gives the texts that a SELECT gives, whatever stands in them', async () => {
    const odd = [
      '', ' ', 'N', '\\N', '\\\\N', '\\', '\\\\', '\\t', '\t', '\n', '\r\n', '\b\f\v', '\u0001\u007f', 'a\tb\\\nc', '\\.', 'ä ſ 漢 🩺', '"\'',
    ] // prettier-ignore
    const select = `SELECT n.ordinality, n.text, convert_to(n.text, 'UTF8'), nullif(n.text, 'N') FROM unnest(ARRAY[${odd.map((text) => client.escapeLiteral(text)).join(', ')}]) WITH ORDINALITY AS n (text)`
    const asked = await client.query<CopiedRow>({
      text: select,
      rowMode: 'array',
      types: { getTypeParser: () => (text: string) => text },
    })
    const rows = await copyOut(client, select, asItIs)
    expect(rows.map(([, text]) => text)).toEqual(odd)
    expect(rows).toEqual(asked.rows)
    expect(rows[2]?.[3]).toBeNull()
  })

  test('gives thousands of rows in their order, and none', async () => {
    const rows = await copyOut(client, `SELECT n, repeat('x', n % 3000) FROM generate_series(1, 9000) n`, ([at, text]) => [Number(at), text?.length]) // prettier-ignore
    expect(rows).toEqual(Array.from({ length: 9000 }, (_, at) => [at + 1, (at + 1) % 3000]))
    expect(await copyOut(client, 'SELECT 1 WHERE false', asItIs)).toEqual([])
  })

  test('says what the database says, also in the middle, and leaves the connection fit for use', async () => {
    await expect(copyOut(client, 'SELECT nonsense', asItIs)).rejects.toMatchObject({ code: '42703' })
    await expect(
      copyOut(client, 'SELECT 1 / (3000 - n) FROM generate_series(1, 5000) n', asItIs),
    ).rejects.toMatchObject({ code: '22012' })
    expect(await copyOut(client, 'SELECT 1', asItIs)).toEqual([['1']])
  })

  test('passes on what the caller throws of a row, after the last one', async () => {
    const refuse = ([at]: CopiedRow): never => {
      throw new Error(`not ${at}`)
    }
    await expect(copyOut(client, 'SELECT n FROM generate_series(7, 9) n', refuse)).rejects.toThrow('not 7')
    expect(await copyOut(client, 'SELECT 1', asItIs)).toEqual([['1']])
  })
})

describe('copyIn', () => {
  test('writes rows that read back as they were, however many', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `${at}\t${at % 2 ? 'ä' : '\\N'}\t\\\\x00ff\n`)
    await copyIn(client, 'copied (at, text, bytes)', lines.join(''))
    const { rows } = await client.query(
      `SELECT count(*)::integer AS rows, count(text)::integer AS texts, count(DISTINCT at)::integer AS places, bool_and(bytes = '\\x00ff') AS right FROM copied`,
    )
    expect(rows).toEqual([{ rows: 20_000, texts: 10_000, places: 20_000, right: true }])
  })

  test('writes nothing of what the database refuses, and leaves the connection fit for use', async () => {
    await client.query('TRUNCATE copied')
    await expect(copyIn(client, 'copied (at)', '1\n2\nthree\n')).rejects.toMatchObject({ code: '22P02' })
    await expect(copyIn(client, 'nowhere (at)', '1\n')).rejects.toMatchObject({ code: '42P01' })
    const { rows } = await client.query('SELECT * FROM copied')
    expect(rows).toEqual([])
  })

  test('is undone with its transaction', async () => {
    await client.query('BEGIN')
    await copyIn(client, 'copied (at)', '1\n')
    await client.query('ROLLBACK')
    const { rows } = await client.query('SELECT * FROM copied')
    expect(rows).toEqual([])
  })
})
