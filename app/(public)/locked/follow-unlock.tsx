'use client'

import { useEffect } from 'react'

/** A tab that is looked at again asks whether the session was unlocked, or ended, in another one, and goes on from there. */
export function FollowUnlock() {
  useEffect(() => {
    const look = async () => {
      if (document.visibilityState !== 'visible') return
      const answer = await fetch('/api/session/peek', { cache: 'no-store' }).catch(() => null)
      if (!answer) return
      const body = (await answer.json().catch(() => ({}))) as { state?: unknown }
      if (body.state !== 'locked') location.reload()
    }
    const onLook = () => void look()
    const listening = new AbortController()
    document.addEventListener('visibilitychange', onLook, { signal: listening.signal })
    window.addEventListener('focus', onLook, { signal: listening.signal })
    window.addEventListener('pageshow', onLook, { signal: listening.signal })
    return () => listening.abort()
  }, [])
  return null
}
