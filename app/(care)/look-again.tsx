'use client'

import { useEffect, useRef, type ReactNode } from 'react'

/**
 * Something to look at before a form is sent again. It takes the focus when it appears, since the button that was
 * pressed is far from it; `about` changes with what it says.
 */
export function LookAgain({
  label,
  about,
  children,
}: {
  label: string
  about: unknown
  children: ReactNode
}) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.focus()
    box.current?.scrollIntoView({ block: 'center' })
  }, [about])
  return (
    <div ref={box} tabIndex={-1} role="group" aria-label={label} data-quiet-focus className="space-y-3">
      {children}
    </div>
  )
}
