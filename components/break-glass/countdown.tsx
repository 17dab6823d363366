'use client'

import { useEffect, useState } from 'react'
import { timeLeft } from './time-left.ts'

/**
 * Minutes until an emergency access ends, counted by the browser from what the server said was left; at the end it leaves the page, so
 * that nothing of the record stays on the screen. What ends the access is the database: this only says so. Spoken at five minutes.
 */
export function Countdown({ millisecondsLeft, leaveTo }: { millisecondsLeft: number; leaveTo: string }) {
  const [left, setLeft] = useState(millisecondsLeft)
  useEffect(() => {
    const ask = timeLeft(millisecondsLeft)
    const tick = () => {
      const now = ask()
      setLeft(now)
      if (now <= 0) location.replace(leaveTo)
    }
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [millisecondsLeft, leaveTo])
  const minutes = Math.max(0, Math.ceil(left / 60_000))
  const text = minutes === 1 ? '1 minute left.' : `${minutes} minutes left.`
  return (
    <>
      <span className="font-semibold tabular">{text}</span>
      <span role="status" className="sr-only">
        {minutes <= 5 ? `Emergency access ends in ${text.replace(' left.', '.')}` : ''}
      </span>
    </>
  )
}
