import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dumpDatabase } from '#lib/testing/dump-database.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { CellUnreadable } from './record-error.ts'
import type { RecordClient } from './types.ts'

/*
 * Somebody who has the database in hand, triggers, row security and all, moves and bends ciphertexts in the tables. What the
 * core refuses (lib/crypto/attacks.test.ts) must be refused by the whole way from the table to the caller.
 */
let records: RecordCast
let maria: string
let noor: string
const rows: Record<'first' | 'second' | 'ofNoor', string> = { first: '', second: '', ofNoor: '' }

beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Santos' })
  noor = await records.addPatient({ familyName: 'Haddad' })
  for (const [row, patientId] of [
    ['first', maria],
    ['second', maria],
    ['ofNoor', noor],
  ] as const) {
    const data = {
      patientId, kind: 'laboratory', status: 'final', display: `display ${row}`, note: `note ${row}`,
      method: `method ${row}`, effectiveAt: new Date('2026-01-01T00:00:00Z'), valueNumber: 7.25,
    } // prettier-ignore
    const made = await records.change([patientId], (record) =>
      record.observation.create({ data, select: { id: true } }),
    )
    rows[row] = made.id
  }
})
afterAll(() => records.close())

const read = (row: keyof typeof rows, select: object = { display: true, note: true }) =>
  records.change(
    [row === 'ofNoor' ? noor : maria],
    (record: RecordClient) =>
      record.observation.findUnique({ where: { id: rows[row] }, select: select as { display: true } }),
    { action: 'READ' },
  )

const cellOf = async (row: keyof typeof rows, column: 'display' | 'note' | 'method' | 'value_number') => {
  const [found] = await records.raw<{ cell: string }>(
    `SELECT ${column} AS cell FROM phi.observation WHERE id = $1`,
    [rows[row]],
  )
  return found?.cell ?? ''
}

/** Puts a text into a cell past everything, reads the row through the door, and puts the cell back. */
async function refusalOf(row: keyof typeof rows, column: 'display' | 'note', text: string): Promise<unknown> {
  const before = await cellOf(row, column)
  const put = async (cell: string) => {
    await records.raw('SET session_replication_role = replica')
    await records.raw(`UPDATE phi.observation SET ${column} = $1 WHERE id = $2`, [cell, rows[row]])
    await records.raw('RESET session_replication_role')
  }
  await put(text)
  try {
    return await read(row).then(
      (opened) => ({ opened }),
      (error: unknown) => error,
    )
  } finally {
    await put(before)
  }
}
const unreadable = (code: string, row: keyof typeof rows, field: string) =>
  expect.objectContaining({ name: 'CellUnreadable', code, field, rowId: rows[row] }) as unknown

describe('a ciphertext in the wrong place', () => {
  test('attack 01: of another row of the same patient', async () => {
    const found = await refusalOf('first', 'display', await cellOf('second', 'display'))
    expect(found).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'display'))
  })

  test('attack 02: of another patient', async () => {
    const found = await refusalOf('first', 'display', await cellOf('ofNoor', 'display'))
    expect(found).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'display'))
  })

  test('attack 02: a whole row handed to another patient, ciphertexts and all', async () => {
    await records.raw('SET session_replication_role = replica')
    await records.raw('UPDATE phi.observation SET patient_id = $1 WHERE id = $2', [noor, rows.first])
    const found = await records
      .change(
        [noor],
        (record) =>
          record.observation.findMany({ where: { id: rows.first }, take: 5, select: { display: true } }),
        { action: 'READ' },
      )
      .catch((error: unknown) => error)
    await records.raw('UPDATE phi.observation SET patient_id = $1 WHERE id = $2', [maria, rows.first])
    await records.raw('RESET session_replication_role')
    expect(found).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'display'))
  })

  test('attack 03: of another column of the row', async () => {
    const found = await refusalOf('first', 'display', await cellOf('first', 'note'))
    expect(found).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'display'))
  })

  test('attack 04: of another table, whose row has the same id', async () => {
    await records.change([maria], (record) =>
      record.condition.create({
        data: { id: rows.first, patientId: maria, clinicalStatus: 'active', display: 'of a condition' },
        select: { id: true },
      }),
    )
    const [other] = await records.raw<{ display: string }>(
      'SELECT display FROM phi.condition WHERE id = $1',
      [rows.first],
    )
    const found = await refusalOf('first', 'display', other?.display ?? '')
    expect(found).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'display'))
  })

  test('attack 11: of another type, with the type byte set right', async () => {
    const body = Buffer.from((await cellOf('first', 'value_number')).slice(14), 'base64url')
    const text = Buffer.from((await cellOf('first', 'display')).slice(14), 'base64url')
    body[0] = text[0] ?? 0
    const found = await refusalOf('first', 'display', `phi1.00000001.${body.toString('base64url')}`)
    expect(found).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'display'))
  })

  test('control: its own ciphertext, put in the same way, opens', async () => {
    const found = await refusalOf('first', 'display', await cellOf('first', 'display'))
    expect(found).toEqual({ opened: { display: 'display first', note: 'note first' } })
  })
})

describe('a ciphertext that was bent', () => {
  test('attack 05: a bit in each part of it', async () => {
    const cell = await cellOf('first', 'note')
    const length = Buffer.from(cell.slice(14), 'base64url').length
    for (const at of [0, 1, 12, 13, length - 17, length - 16, length - 1]) {
      const body = Buffer.from(cell.slice(14), 'base64url')
      body[at] = (body[at] ?? 0) ^ 1
      const found = await refusalOf('first', 'note', cell.slice(0, 14) + body.toString('base64url'))
      expect(found, `byte ${at}`).toEqual(unreadable('NOT_AUTHENTIC', 'first', 'note'))
    }
  })

  test('attack 06: cut or lengthened, as far as the column takes it at all', async () => {
    const cell = await cellOf('first', 'note')
    for (const text of [cell.slice(0, -4), `${cell}AAAA`, cell.slice(0, 58)]) {
      expect(await refusalOf('first', 'note', text)).toBeInstanceOf(CellUnreadable)
    }
    for (const text of ['', 'phi1.', 'phi1.00000001.', cell.slice(0, 30), cell.slice(0, 14)]) {
      await expect(refusalOf('first', 'note', text), JSON.stringify(text)).rejects.toMatchObject({
        code: '23514',
      })
    }
  })

  test('attack 08: under a version that there never was', async () => {
    const cell = await cellOf('first', 'note')
    const found = await refusalOf('first', 'note', `phi1.0000000f.${cell.slice(14)}`)
    expect(found).toEqual(unreadable('KEY_UNKNOWN', 'first', 'note'))
    for (const text of [
      `phi0.${cell.slice(5)}`,
      `phi2.${cell.slice(5)}`,
      `phi1.0000000F.${cell.slice(14)}`,
    ]) {
      await expect(refusalOf('first', 'note', text)).rejects.toMatchObject({ code: '23514' })
    }
  })

  test('attack 10: the same bytes in another spelling', async () => {
    const cell = await cellOf('first', 'note')
    for (const text of [`${cell}=`, `${cell}\n`, `${cell}\r\n`, cell.replace(/.$/, '+'), ` ${cell}`]) {
      await expect(refusalOf('first', 'note', text), JSON.stringify(text)).rejects.toMatchObject({
        code: '23514',
      })
    }
    // Bits that the last character has left over: the column cannot tell, the cell can.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const whole = Buffer.from(cell.slice(14), 'base64url').length % 3 === 0
    const loose = cell.slice(0, -1) + (alphabet[alphabet.indexOf(cell.at(-1) ?? '') ^ 1] ?? '')
    expect(await refusalOf('first', 'note', loose)).toEqual(
      unreadable(whole ? 'NOT_AUTHENTIC' : 'FORMAT', 'first', 'note'),
    )
  })
})

describe('attack 13: awkward values, all the way through the door', () => {
  const observation = (data: object) => ({
    patientId: maria, kind: 'laboratory', status: 'final', display: 'x', ...data,
  }) // prettier-ignore
  const write = (data: object) =>
    records.change([maria], async (record) => {
      const create = observation(data) as Parameters<RecordClient['observation']['create']>[0]['data']
      const { id } = await record.observation.create({ data: create, select: { id: true } })
      return record.observation.findUniqueOrThrow({
        where: { id },
        select: { display: true, components: true },
      })
    })

  test.each([
    ['NUL', 'a\0b'],
    ['what looks like markup, SQL and a path', `<script>'; DROP TABLE phi.patient; --${'../'.repeat(3)}`],
    ['right to left, joined and combined', '\u202eعربى\u200d👩‍⚕️e\u0301\ufeff'],
    ['the last characters of Unicode', '\u{10ffff}\ufffd\ufffe'],
    ['only spaces', ' \t\r\n\u00a0'],
  ])('attack 13: %s comes back as it was', async (_name, display) => {
    expect(await write({ display })).toEqual({ display, components: null })
  })

  test.each([
    ['a lone surrogate', { display: `a${String.fromCharCode(0xd800)}` }],
    ['a poisoned prototype', { components: JSON.parse('{"__proto__":{"admin":true}}') as object }],
    [
      'a poisoned constructor',
      { components: JSON.parse('[{"constructor":{"prototype":{"admin":1}}}]') as object },
    ],
    ['more than 16 MiB', { display: 'x'.repeat(16 * 1024 * 1024 + 1) }],
  ])('attack 13: %s is refused, and nothing of it is stored', async (_name, data) => {
    const before = await records.raw('SELECT count(*) FROM phi.observation')
    await expect(write(data)).rejects.toMatchObject({ name: 'RecordError', code: 'VALUE' })
    expect(await records.raw('SELECT count(*) FROM phi.observation')).toEqual(before)
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  test('attack 13: 10 MB come back, and do not lie anywhere in the clear', async () => {
    const mark = randomBytes(12).toString('hex')
    const display = `${mark}${randomUUID().repeat(290_000)}`
    expect(display.length).toBeGreaterThan(10_000_000)
    const back = await write({ display })
    // Not with toBe: a difference of ten megabytes would be printed.
    expect(back.display === display).toBe(true)
    expect((await dumpDatabase(records)).includes(mark)).toBe(false)
  })
})
