'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'

/** Looks again after so many seconds: for three minutes at most, so that a page that nobody looks at keeps no session open. */
const waits = [2, 2, 3, 3, 5, 5, 5, 10, 10, 15, 20, 30, 30, 40]

/** Draws the page anew while an export is being made. */
export function FollowProgress() {
  const router = useRouter()
  const [looked, setLooked] = useState(0)
  useEffect(() => {
    const seconds = waits[looked]
    if (seconds === undefined) return undefined
    const timer = setTimeout(() => {
      router.refresh()
      setLooked(looked + 1)
    }, seconds * 1000)
    return () => clearTimeout(timer)
  }, [looked, router])
  return (
    <p className="text-sm text-muted">
      {looked < waits.length
        ? 'This page shows how far it is by itself.'
        : 'Open this page again to see how far it is.'}
    </p>
  )
}
