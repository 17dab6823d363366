import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SessionWarning } from './session-watch.ts'
import type { Answer, EndReason, SessionNews } from './session-wire.ts'

/** A server that tells the times as the real one does, tabs that hear each other, and a page that records what it was told. */
const world = vi.hoisted(() => ({
  idleExpiresAt: 0,
  absoluteExpiresAt: Infinity,
  silent: false,
  ended: false,
  touches: 0,
  peeks: 0,
  log: [] as string[],
  tabs: new Set<{ onNews: (news: SessionNews) => void; onSignedOut: (reason: EndReason) => void }>(),
}))

vi.mock('./curtain.ts', () => ({
  drawCurtain: () => world.log.push('curtain'),
  liftCurtain: () => undefined,
}))
vi.mock('./session-wire.ts', () => ({
  browserNow: () => Date.now(),
  askServer: (how: 'touch' | 'peek'): Promise<Answer> => {
    if (how === 'touch') world.touches += 1
    else world.peeks += 1
    if (world.silent) return Promise.resolve('silent')
    if (world.ended) return Promise.resolve('ended')
    if (Date.now() >= world.idleExpiresAt) return Promise.resolve('idle')
    if (how === 'touch') world.idleExpiresAt = Date.now() + 15 * 60_000
    return Promise.resolve({ times: timesNow(), receivedAt: Date.now() })
  },
  joinTabs: (onNews: (news: SessionNews) => void, onSignedOut: (reason: EndReason) => void) => {
    const tab = { onNews, onSignedOut }
    world.tabs.add(tab)
    return {
      tell: (message: { kind: string; reason?: EndReason } & Partial<SessionNews>) => {
        for (const other of world.tabs) {
          if (other === tab) continue
          if (message.kind === 'signed-out') other.onSignedOut(message.reason ?? 'idle')
          else if (message.times) other.onNews({ times: message.times, receivedAt: message.receivedAt ?? 0 })
        }
      },
      leave: () => world.tabs.delete(tab),
    }
  },
  saveDrafts: (phase: string) => {
    world.log.push(`save drafts: ${phase}`)
    return Promise.resolve(true)
  },
  postSignOut: (reason: string) => world.log.push(`post sign-out: ${reason}`),
  goToSignedOut: (reason: string) => world.log.push(`go to signed-out: ${reason}`),
  goToSessionOver: () => world.log.push('go to session-over'),
}))

const { SessionWatch } = await import('./session-watch.ts')
const minute = 60_000
const timesNow = () => ({
  idleExpiresAt: world.idleExpiresAt,
  absoluteExpiresAt: world.absoluteExpiresAt,
  serverNow: Date.now(),
})

let warnings: (SessionWarning | null)[]
const last = () => warnings.at(-1) ?? null
const openTab = () =>
  new SessionWatch({ times: timesNow(), receivedAt: Date.now() }, (warning) => warnings.push(warning))
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_000 })
  world.tabs.clear()
  Object.assign(world, { silent: false, ended: false, touches: 0, peeks: 0, log: [] })
  world.idleExpiresAt = Date.now() + 15 * minute
  world.absoluteExpiresAt = Date.now() + 8 * 60 * minute
  warnings = []
})
afterEach(() => vi.useRealTimers())

describe('without use', () => {
  test('the question comes at 13:00, drafts are saved, and at 15:00 the page is left for the server', async () => {
    openTab()
    await pass(13 * minute - 1000)
    expect(warnings).toEqual([])
    await pass(1000)
    expect(last()).toEqual({
      canExtend: true,
      draftSaved: true,
      spoken: 'You will be signed out in 2 minutes.',
    })
    await pass(minute)
    expect(last()?.spoken).toBe('You will be signed out in 1 minute.')
    await pass(40_000)
    expect(last()?.spoken).toBe('You will be signed out in 20 seconds.')
    expect(world.log).toEqual(['save drafts: warning'])
    await pass(20_000)
    expect(world.log).toEqual([
      'save drafts: warning',
      'curtain',
      'save drafts: end',
      'curtain',
      'post sign-out: idle',
    ])
    expect(world.touches).toBe(0)
  })

  test('every tab asks, one answer closes all, and when nobody answers the next time all of them end', async () => {
    const tab = openTab()
    openTab()
    await pass(13 * minute)
    expect(warnings.filter((warning) => warning !== null).length).toBeGreaterThanOrEqual(2)
    warnings = []
    await tab.stay()
    expect(warnings).toEqual([null, null])
    await pass(12 * minute + 59_000)
    expect(warnings).toEqual([null, null])
    await pass(2 * minute + 1000)
    expect(world.log.filter((line) => /post|go to/.test(line)).length).toBe(2)
  })

  test('a server that does not answer keeps nobody on the page', async () => {
    openTab()
    world.silent = true
    await pass(15 * minute)
    expect(world.log.at(-1)).toBe('post sign-out: idle')
  })
})

describe('with use', () => {
  test('it is reported at most once a minute, never lost, and the question never comes', async () => {
    const tab = openTab()
    for (let second = 0; second < 20 * 60; second += 1) {
      tab.use()
      await pass(1000)
    }
    expect(warnings).toEqual([])
    expect(world.touches).toBeGreaterThanOrEqual(18)
    expect(world.touches).toBeLessThanOrEqual(20)
    const touches = world.touches
    tab.use()
    await pass(minute)
    expect(world.touches).toBe(touches + 1)
    await pass(5 * minute)
    expect(world.touches).toBe(touches + 1)
  })

  test('while the question is open, moving the mouse does not answer it', async () => {
    const tab = openTab()
    await pass(13 * minute)
    tab.use()
    await pass(2 * minute)
    expect(world.touches).toBe(0)
    expect(world.log.at(-1)).toBe('post sign-out: idle')
  })

  test('in another tab that was not heard (frozen, asleep) is found out before anything ends', async () => {
    openTab()
    world.tabs.clear()
    await pass(10 * minute)
    world.idleExpiresAt = Date.now() + 15 * minute
    await pass(5 * minute)
    expect(world.log).toEqual([])
    expect(last()).toBeNull()
  })
})

describe('on coming back', () => {
  test('after a sleep the page is covered before the server is asked, and left when the session is over', async () => {
    const tab = openTab()
    vi.setSystemTime(Date.now() + 60 * minute)
    const checking = tab.check()
    expect(world.log).toEqual(['curtain'])
    await checking
    await pass(0)
    expect(world.log.at(-1)).toBe('post sign-out: idle')
  })

  test('a session that somebody else ended is gone with the next report', async () => {
    const tab = openTab()
    world.ended = true
    tab.use()
    await pass(minute)
    expect(world.log).toEqual(['curtain', 'go to session-over'])
  })

  test('a tab follows another one that signed out, without posting again', async () => {
    const first = openTab()
    openTab()
    await first.end('sign-out')
    expect(world.log).toEqual([
      'save drafts: end',
      'curtain',
      'curtain',
      'go to signed-out: sign-out',
      'post sign-out: sign-out',
    ])
    await first.end('sign-out')
    expect(world.log.filter((line) => line.startsWith('post'))).toHaveLength(1)
  })
})

test('at the absolute end nothing can be extended, and the reason says so', async () => {
  world.absoluteExpiresAt = Date.now() + 10 * minute
  openTab()
  await pass(8 * minute)
  expect(last()).toMatchObject({ canExtend: false })
  await pass(2 * minute)
  expect(world.log.at(-1)).toBe('post sign-out: expired')
})

test('a page that was left watches no more', async () => {
  const tab = openTab()
  tab.stop()
  await pass(20 * minute)
  expect([world.log, warnings, world.peeks]).toEqual([[], [], 0])
})
