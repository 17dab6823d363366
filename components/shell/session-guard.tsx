'use client'

import { useEffect, useRef, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { drawCurtain } from './curtain.ts'
import type { SessionTimes } from './session-timing.ts'
import { SessionWatch, type SessionWarning } from './session-watch.ts'
import { browserNow, leavingBy } from './session-wire.ts'

/** What counts as use of the page. */
const uses = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'] as const

/**
 * Asks two minutes before the end whether the person is still there, in every tab, and ends the session by a form to
 * the server when nobody answers. One is drawn on every page of a session, with the times that the server gave for it.
 */
export function SessionGuard({ idleExpiresAt, absoluteExpiresAt, serverNow }: SessionTimes) {
  const [warning, setWarning] = useState<SessionWarning | null>(null)
  const watch = useRef<SessionWatch>(null)

  useEffect(() => {
    const news = { times: { idleExpiresAt, absoluteExpiresAt, serverNow }, receivedAt: browserNow() }
    if (watch.current) watch.current.adopt(news)
    else watch.current = new SessionWatch(news, setWarning)
  }, [idleExpiresAt, absoluteExpiresAt, serverNow])

  useEffect(() => {
    const listening = new AbortController()
    const { signal } = listening
    // Only what the browser itself saw counts: a script cannot keep a session alive.
    const onUse = (event: Event) => {
      if (event.isTrusted) watch.current?.use()
    }
    for (const use of uses) window.addEventListener(use, onUse, { capture: true, passive: true, signal })
    // With both keys, so that nothing that somebody types locks the screen (WCAG 2.1.4).
    const onKey = (event: KeyboardEvent) => {
      if (event.code !== 'KeyL' || !event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      void watch.current?.lock()
    }
    window.addEventListener('keydown', onKey, { signal })
    // Before the person can look at the page again, the clock is looked at.
    const onReturn = () => {
      if (document.visibilityState === 'visible') void watch.current?.check()
    }
    document.addEventListener('visibilitychange', onReturn, { signal })
    window.addEventListener('focus', onReturn, { signal })
    // A page that is left is hidden first: if the browser keeps it for the Back button, it comes back empty and is asked for anew.
    window.addEventListener('pagehide', drawCurtain, { signal })
    window.addEventListener('pageshow', (event) => (event.persisted ? location.reload() : onReturn()), {
      signal,
    })
    // The buttons that sign out and lock save drafts and tell the other tabs first.
    const onSubmit = (event: SubmitEvent) => {
      const by = leavingBy(event.target)
      if (!by) return
      event.preventDefault()
      void (by === 'lock' ? watch.current?.lock() : watch.current?.end(by))
    }
    document.addEventListener('submit', onSubmit, { capture: true, signal })
    return () => {
      listening.abort()
      watch.current?.stop()
      watch.current = null
    }
  }, [])

  const stay = () => void watch.current?.stay()
  const canExtend = warning?.canExtend ?? true
  return (
    <Dialog
      open={warning !== null}
      title={canExtend ? 'Are you still there?' : 'This session is about to end'}
      onClose={canExtend ? stay : () => watch.current?.dismiss()}
      actions={
        canExtend ? (
          <>
            <Button onClick={stay}>Stay signed in</Button>
            <Button variant="secondary" onClick={() => void watch.current?.end('sign-out')}>
              Sign out now
            </Button>
          </>
        ) : (
          <>
            <Button onClick={() => void watch.current?.end('expired')}>Save and sign in again</Button>
            <Button variant="secondary" onClick={() => watch.current?.dismiss()}>
              Go on for now
            </Button>
          </>
        )
      }
    >
      <p>
        {canExtend
          ? 'Nothing was done here for a while. To keep records private, we sign you out when a session is not used.'
          : 'You have been signed in for as long as one session may last. Sign in again to go on.'}
      </p>
      <p role="status" className="font-semibold">
        {warning?.spoken}
      </p>
      {warning?.draftSaved && <p>We saved your draft.</p>}
    </Dialog>
  )
}
