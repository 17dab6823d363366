import { drawCurtain, liftCurtain } from './curtain.ts'
import {
  heartbeatDelay, isLater, nextAnnouncementIn, phaseAt, planSession, spokenText, type SessionPlan,
} from './session-timing.ts' // prettier-ignore
import {
  askServer, browserNow, goToLocked, goToSessionOver, goToSignedOut, joinTabs, postLock, postSignOut, saveDrafts, type EndReason, type SessionNews,
} from './session-wire.ts' // prettier-ignore

/** What is drawn while the person is asked whether they are still there. */
export type SessionWarning = { canExtend: boolean; draftSaved: boolean; spoken: string }

/**
 * One tab's view of the session. It decides nothing: it shows in time what the server will do, and takes the record off
 * the screen when it is done. The server ends the session by itself, whatever happens to this code.
 */
export class SessionWatch {
  #known: SessionNews
  #lastHeartbeatAt: number
  #warning: SessionWarning | null = null
  #ending = false
  #asking = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #heartbeat: ReturnType<typeof setTimeout> | undefined
  readonly #show: (warning: SessionWarning | null) => void
  readonly #tabs: ReturnType<typeof joinTabs>

  constructor(first: SessionNews, show: (warning: SessionWarning | null) => void) {
    this.#known = first
    this.#lastHeartbeatAt = first.receivedAt
    this.#show = show
    this.#tabs = joinTabs(
      (news) => this.adopt(news),
      (reason) => this.#leave(() => goToSignedOut(reason)),
      () => this.#leave(() => void goToLocked()),
    )
    this.#schedule()
  }

  /** Ends the watching, not the session. */
  stop(): void {
    this.#halt()
    this.#tabs.leave()
  }

  /** Takes what the server said last: to this tab, to another one, or with a new page. */
  adopt(news: SessionNews): void {
    if (this.#ending || news.receivedAt < this.#known.receivedAt) return
    this.#known = news
    if (phaseAt(this.#plan, browserNow()) === 'open') this.#close()
    this.#schedule()
  }

  /** The page was used: reported at once or, after a report, when its minute is over. Not while the question is open. */
  use(): void {
    if (this.#ending || this.#warning || this.#heartbeat !== undefined) return
    this.#heartbeat = setTimeout(() => void this.stay(), heartbeatDelay(this.#lastHeartbeatAt, browserNow()))
  }

  /** Reports a use to the server and tells the other tabs. */
  async stay(): Promise<void> {
    clearTimeout(this.#heartbeat)
    this.#heartbeat = undefined
    this.#lastHeartbeatAt = browserNow()
    const answer = await askServer('touch')
    if (this.#ending || answer === 'silent') return
    if (typeof answer === 'string') return this.#over(answer)
    this.adopt(answer)
    this.#tabs.tell({ kind: 'news', ...answer })
  }

  /** Compares the clock with the plan: on a timer, on coming back to the tab, on waking from sleep. */
  async check(): Promise<void> {
    const phase = phaseAt(this.#plan, browserNow())
    if (this.#ending) return
    if (phase === 'over') drawCurtain()
    if (phase === 'open' || (phase === 'warned' && this.#warning)) return this.#draw()
    if (this.#asking) return
    this.#asking = true
    const answer = await askServer('peek')
    this.#asking = false
    if (this.#ending) return
    if (answer === 'idle' || answer === 'expired' || answer === 'ended' || answer === 'locked')
      return this.#over(answer)
    // Only what the server itself has moved since is news: otherwise the plan stands.
    if (answer !== 'silent' && isLater(answer.times, this.#known.times)) this.#known = answer
    this.#draw()
  }

  /** Ends the session everywhere: drafts first, then the server, by leaving the page. */
  async end(reason: EndReason): Promise<void> {
    if (this.#ending) return
    this.#halt()
    await saveDrafts('end')
    drawCurtain()
    this.#tabs.tell({ kind: 'signed-out', reason })
    postSignOut(reason)
  }

  /** Locks the session everywhere, the same way: nothing of the record stays in any tab. */
  async lock(): Promise<void> {
    if (this.#ending) return
    this.#halt()
    await saveDrafts('end')
    drawCurtain()
    this.#tabs.tell({ kind: 'locked' })
    postLock()
  }

  /** Closes the question when nothing can be extended; the end stays where it is. */
  dismiss(): void {
    this.#show(null)
  }

  #draw(): void {
    const plan = this.#plan
    const now = browserNow()
    const phase = phaseAt(plan, now)
    if (phase === 'over') return void this.end(plan.canExtend ? 'idle' : 'expired')
    liftCurtain()
    if (phase === 'open') this.#close()
    else this.#ask(plan, now)
    this.#schedule()
  }

  #ask(plan: SessionPlan, now: number): void {
    const isNew = this.#warning === null
    this.#warning = {
      canExtend: plan.canExtend,
      draftSaved: this.#warning?.draftSaved ?? false,
      spoken: spokenText(plan, now),
    }
    this.#show(this.#warning)
    if (isNew)
      void saveDrafts('warning').then((draftSaved) => {
        if (!this.#warning || !draftSaved) return
        this.#warning = { ...this.#warning, draftSaved }
        this.#show(this.#warning)
      })
  }

  #close(): void {
    if (!this.#warning) return
    this.#warning = null
    this.#show(null)
  }

  #over(answer: 'idle' | 'expired' | 'ended' | 'locked'): void {
    if (answer === 'ended') this.#leave(goToSessionOver)
    else if (answer === 'locked') this.#leave(() => void goToLocked())
    else void this.end(answer)
  }

  #leave(go: () => void): void {
    if (this.#ending) return
    this.stop()
    drawCurtain()
    go()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#ending) return
    const now = browserNow()
    const wait = this.#warning ? nextAnnouncementIn(this.#plan, now) : Math.max(0, this.#plan.warnAt - now)
    this.#timer = setTimeout(() => void this.check(), wait)
  }

  #halt(): void {
    this.#ending = true
    clearTimeout(this.#timer)
    clearTimeout(this.#heartbeat)
  }

  get #plan(): SessionPlan {
    return planSession(this.#known.times, this.#known.receivedAt)
  }
}
