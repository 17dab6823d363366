import type { IconNode } from 'lucide'
import { createElement } from 'react'

type Props = { of: IconNode; size?: number | undefined; className?: string | undefined }

/**
 * One line drawing of the icon set, hidden from screen readers. Components that run in the browser import the drawing they need and use
 * this; Icon, which knows all of them by name, is for those that stay on the server. The set's React package would draw every one of
 * them in the browser, and send its own code there with each page.
 */
export function Drawing({ of: lines, size = 20, className }: Props) {
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${className ?? ''}`}
    >
      {lines.map(([shape, attributes], at) => createElement(shape, { key: at, ...attributes }))}
    </svg>
  )
}
