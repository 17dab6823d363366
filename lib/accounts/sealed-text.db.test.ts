import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotationUnderTest, type RotationUnderTest } from '#lib/testing/rotate-for-test.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { openTexts, sealText, sealedTextMax } from './sealed-text.ts'

let cast: RecordCast
let under: RotationUnderTest
beforeAll(async () => {
  cast = await makeRecordCast()
  under = await rotationUnderTest()
})
afterAll(async () => {
  await under.close()
  await cast.close()
})

async function keep(text: string) {
  const id = randomUUID()
  const sealed = await sealText(id, text)
  await cast.raw('INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES ($1, $2, $3)', [
    id,
    'test',
    sealed,
  ])
  return { id, sealed }
}
const stored = async (id: string) =>
  (
    await cast.raw<{ content_sealed: string }>('SELECT content_sealed FROM app.sealed_text WHERE id = $1', [
      id,
    ])
  )[0]!.content_sealed

test('a text comes back as it was written, also after the keys were rotated', async () => {
  const { id, sealed } = await keep('She asked me to look: “père”, 3 a.m.')
  expect(sealed).not.toContain('asked')
  await under.rotate()
  const renewed = await stored(id)
  expect(renewed).not.toBe(sealed)
  expect(await openTexts([{ id, sealed: renewed }])).toEqual(
    new Map([[id, 'She asked me to look: “père”, 3 a.m.']]),
  )
})

test('a text that was put into another row does not open', async () => {
  const [one, other] = [await keep('one'), await keep('other')]
  await expect(openTexts([{ id: one.id, sealed: other.sealed }])).rejects.toThrow()
})

test('a text that is too long is refused before it is sealed', async () => {
  await expect(sealText(randomUUID(), 'x'.repeat(sealedTextMax + 1))).rejects.toThrow(RangeError)
})

test('plain text is refused by the database', async () => {
  await expect(
    cast.raw('INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES ($1, $2, $3)', [
      randomUUID(),
      'test',
      'plain',
    ]),
  ).rejects.toMatchObject({ code: '23514' })
})
