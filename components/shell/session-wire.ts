import type { SessionTimes } from './session-timing.ts'

/*
 * What a tab says to the server and to the other tabs of the same browser.
 */

const addresses = {
  touch: '/api/session/touch',
  peek: '/api/session/peek',
  signOut: '/sign-out',
  lock: '/lock',
} as const

/** How long an answer about the session is waited for; after that the tab goes by what it knows. */
const patienceMilliseconds = 5000

/** News about the session, as the browser's own clock received it. */
export type SessionNews = { times: SessionTimes; receivedAt: number }

/** Why a session is over, as the server's form wants it. */
export type EndReason = 'idle' | 'expired' | 'sign-out'

/** What the server says: news, that the session is locked or over and why, or nothing in time. */
export type Answer = SessionNews | 'idle' | 'expired' | 'ended' | 'locked' | 'silent'

type Message =
  ({ kind: 'news' } & SessionNews) | { kind: 'signed-out'; reason: EndReason } | { kind: 'locked' }

/** The browser's clock; tests of the whole product move it. */
export const browserNow = (): number => new Date().getTime()

/**
 * Asks the server about the session.
 * @param how `touch` reports a use, `peek` only asks
 */
export async function askServer(how: 'touch' | 'peek'): Promise<Answer> {
  try {
    const response = await fetch(addresses[how], {
      method: how === 'touch' ? 'POST' : 'GET',
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMilliseconds),
    })
    const receivedAt = browserNow()
    if (!response.ok && response.status !== 401) return 'silent'
    const body: unknown = await response.json()
    if (response.status === 401) return reasonIn(body)
    return isSessionTimes(body) ? { times: body, receivedAt } : 'silent'
  } catch {
    return 'silent'
  }
}

/**
 * Connects this tab with the others.
 * @param onNews another tab was used, and the session ends later than this tab knew
 * @param onSignedOut another tab ended the session
 * @param onLocked another tab locked it
 */
export function joinTabs(
  onNews: (news: SessionNews) => void,
  onSignedOut: (reason: EndReason) => void,
  onLocked: () => void,
): { tell: (message: Message) => void; leave: () => void } {
  const channel = new BroadcastChannel('vigil-session')
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'news') onNews({ times: data.times, receivedAt: data.receivedAt })
    else if (data.kind === 'locked') onLocked()
    else onSignedOut(data.reason)
  }
  return { tell: (message) => channel.postMessage(message), leave: () => channel.close() }
}

/** What drafts listen to: they save, and hand in a promise that tells whether their text is safe on the server. */
export type SavingDetail = { phase: 'warning' | 'end'; waitUntil: (saved: Promise<boolean>) => void }

/** Name of the event on `window` by which drafts are asked to save. */
export const beforeSignOut = 'vigil:before-sign-out'

/** How long drafts may take before the session is ended. */
const savingMilliseconds = 1500

/** Lets every draft on the page save itself. @returns whether one of them said that its text is safe */
export async function saveDrafts(phase: SavingDetail['phase']): Promise<boolean> {
  const saving: Promise<boolean>[] = []
  const detail: SavingDetail = { phase, waitUntil: (saved) => saving.push(saved.catch(() => false)) }
  window.dispatchEvent(new CustomEvent(beforeSignOut, { detail }))
  if (saving.length === 0) return false
  const tooLate = new Promise<boolean[]>((resolve) => setTimeout(() => resolve([]), savingMilliseconds))
  return (await Promise.race([Promise.all(saving), tooLate])).includes(true)
}

/**
 * Ends the session by a form that the browser itself sends: the page is left for the server's answer, which deletes the
 * cookie. With fetch the page, and with it the record, would stay.
 */
export function postSignOut(reason: EndReason): void {
  post(addresses.signOut, { reason })
}

/** Locks the session the same way, and for the same reason. */
export function postLock(): void {
  post(addresses.lock, {})
}

function post(action: string, fields: Record<string, string>): void {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = action
  form.hidden = true
  for (const [name, value] of Object.entries({ ...fields, path: location.pathname + location.search })) {
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = name
    field.value = value
    form.append(field)
  }
  document.body.append(form)
  form.submit()
}

/** Leaves for the server's page that takes the dead cookie away and says why. */
export function goToSessionOver(): void {
  location.replace('/session-over')
}

/** Leaves for the signed-out page: another tab has ended the session already. */
export function goToSignedOut(reason: EndReason): void {
  location.replace(`/signed-out?reason=${reason}`)
}

/**
 * Asks for the page again once the server says that the session is locked (the tab that locks it may still be on its way there): the
 * server then leads to the page that unlocks. The curtain is drawn meanwhile.
 */
export async function goToLocked(): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    const answer = await askServer('peek')
    if (typeof answer === 'string' && answer !== 'silent') break
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  location.reload()
}

/** Which button of the page a form that is being sent belongs to: that for signing out, that for locking, or neither. */
export function leavingBy(form: EventTarget | null): 'sign-out' | 'lock' | null {
  if (!(form instanceof HTMLFormElement)) return null
  const { pathname } = new URL(form.action, location.href)
  return pathname === addresses.signOut ? 'sign-out' : pathname === addresses.lock ? 'lock' : null
}

function reasonIn(body: unknown): 'idle' | 'expired' | 'ended' | 'locked' {
  const state = typeof body === 'object' && body !== null && 'state' in body ? body.state : null
  return state === 'idle' || state === 'expired' || state === 'locked' ? state : 'ended'
}

function isSessionTimes(value: unknown): value is SessionTimes {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['idleExpiresAt', 'absoluteExpiresAt', 'serverNow'].every(
      (name) => name in value && Number.isFinite((value as Record<string, unknown>)[name]),
    )
  )
}
