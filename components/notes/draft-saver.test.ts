import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DraftSaver, type DraftText, type SaveState } from './draft-saver.ts'

const empty: DraftText = { noteClass: 'clinical', encounterId: '', title: '', body: '', reason: '' }
const typed = (body: string): DraftText => ({ ...empty, body })

type Sent = {
  body: Record<string, unknown>
  keepalive: boolean | undefined
  answer: (response: Response) => void
}
let sent: Sent[]
let states: SaveState[]

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  states = []
  vi.stubGlobal(
    'fetch',
    (_: string, init: RequestInit) =>
      new Promise<Response>((answer) => {
        sent.push({
          body: JSON.parse(typeof init.body === 'string' ? init.body : '') as Record<string, unknown>,
          keepalive: init.keepalive,
          answer,
        })
      }),
  )
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const make = (revision = 0) => {
  const saver = new DraftSaver({
    address: '/draft',
    noteId: 'note',
    versionId: 'version',
    revision,
    savedAt: null,
    initial: empty,
  })
  saver.subscribe(() => states.push(saver.state()))
  return saver
}
const written = (revision: number) =>
  Response.json({ kind: 'written', revision, savedAt: '2026-11-21T16:42:00.000Z' })
const answer = async (index: number, response: Response) => {
  sent[index]?.answer(response)
  await vi.advanceTimersByTimeAsync(0)
}

describe('a draft', () => {
  test('is sent three seconds after typing stops, once, with the last words', async () => {
    const saver = make()
    saver.change(typed('Fe'))
    await vi.advanceTimersByTimeAsync(2900)
    saver.change(typed('Feels better'))
    await vi.advanceTimersByTimeAsync(2900)
    expect(sent).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(200)
    expect(sent.map(({ body }) => body['body'])).toEqual(['Feels better'])
    await answer(0, written(1))
    expect(states.at(-1)).toEqual({ kind: 'saved', savedAt: '2026-11-21T16:42:00.000Z' })
  })

  test('that was not touched is never sent', async () => {
    const saver = make()
    saver.change(empty)
    expect(await saver.save(true)).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(0)
  })

  test('is saved one save after the other, each with the revision that the one before brought back', async () => {
    const saver = make()
    saver.change(typed('One'))
    void saver.save()
    await vi.advanceTimersByTimeAsync(0)
    saver.change(typed('One two'))
    void saver.save()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toHaveLength(1)
    await answer(0, written(1))
    expect(sent.map(({ body }) => [body['body'], body['revision']])).toEqual([
      ['One', 0],
      ['One two', 1],
    ])
    await answer(1, written(2))
    expect(saver.revision).toBe(2)
  })

  test('stays its writer’s own when several things ask to save it while the server is slow', async () => {
    const saver = make()
    saver.change(typed('One'))
    void saver.save()
    await vi.advanceTimersByTimeAsync(0)
    saver.change(typed('One two'))
    // Leaving a field, leaving the window, and the end of the session, all before the first answer.
    const asked = [saver.save(), saver.save(true), saver.save(true)]
    await answer(0, written(1))
    expect(sent.map(({ body }) => [body['body'], body['revision']])).toEqual([
      ['One', 0],
      ['One two', 1],
    ])
    saver.change(typed('One two three'))
    const last = saver.save()
    await answer(1, written(2))
    await answer(2, written(3))
    expect(await Promise.all([...asked, last])).toContain(true)
    expect(sent.slice(2).map(({ body }) => [body['body'], body['revision']])).toEqual([['One two three', 2]])
    expect(states.at(-1)?.kind).toBe('saved')
  })

  test('is tried again when the server does not answer, until it does', async () => {
    const saver = make()
    saver.change(typed('Lost?'))
    void saver.save()
    await vi.advanceTimersByTimeAsync(0)
    await answer(0, new Response(null, { status: 503 }))
    expect(states.at(-1)).toEqual({ kind: 'failed' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sent).toHaveLength(2)
    await answer(1, written(1))
    expect(states.at(-1)?.kind).toBe('saved')
  })

  test('that was changed elsewhere, or whose session is over, is not written any more', async () => {
    for (const [status, kind] of [
      [409, 'conflict'],
      [401, 'signed-out'],
      [404, 'refused'],
    ] as const) {
      sent = []
      const saver = make()
      saver.change(typed('Mine'))
      void saver.save()
      await vi.advanceTimersByTimeAsync(0)
      await answer(0, Response.json({}, { status }))
      expect(states.at(-1)?.kind).toBe(kind)
      saver.change(typed('Mine again'))
      await vi.advanceTimersByTimeAsync(60_000)
      expect(sent, kind).toHaveLength(1)
    }
  })

  test('is kept alive while the page is left, unless it is too long for the browser to do so', async () => {
    const saver = make()
    saver.change(typed('Short'))
    void saver.save(true)
    await vi.advanceTimersByTimeAsync(0)
    await answer(0, written(1))
    saver.change(typed('x'.repeat(70_000)))
    void saver.save(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.map(({ keepalive }) => keepalive)).toEqual([true, false])
  })

  test('is not sent while it is being signed, and goes on when signing found something missing', async () => {
    const saver = make()
    saver.change(typed('Almost'))
    await saver.pause()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(0)
    saver.resume()
    await vi.advanceTimersByTimeAsync(3000)
    expect(sent).toHaveLength(1)
  })
})
