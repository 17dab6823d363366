import type { LucideIcon } from 'lucide-react'

type Props = { of: LucideIcon; size?: number | undefined; className?: string | undefined }

/**
 * One line drawing of the icon set, hidden from screen readers. Components that run in the browser import the drawing they need and use
 * this; Icon, which knows all of them by name, is for those that stay on the server.
 */
export function Drawing({ of: Lines, size = 20, className }: Props) {
  return <Lines size={size} aria-hidden="true" focusable="false" className={`shrink-0 ${className ?? ''}`} />
}
