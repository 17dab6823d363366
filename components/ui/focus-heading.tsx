'use client'

import { useEffect, useRef, type ReactNode } from 'react'

/** True once a page of this document has been drawn: the browser itself puts the focus right on the first one. */
let documentHasHeading = false

/**
 * The `h1` of a page. After a navigation inside the application it takes the focus, so that a keyboard goes on from here and a screen
 * reader says where it is; Next announces a title only when it changed, and titles without health information often do not.
 */
export function FocusHeading({
  children,
  className,
}: {
  children: ReactNode
  className?: string | undefined
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  const isFirst = useRef<boolean | null>(null)
  useEffect(() => {
    isFirst.current ??= !documentHasHeading
    documentHasHeading = true
    if (!isFirst.current) heading.current?.focus()
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {children}
    </h1>
  )
}
