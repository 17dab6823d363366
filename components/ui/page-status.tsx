import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

/**
 * What just happened, at the top of the page it led to: "Vitals saved." Polite, and it stays: nothing on these pages vanishes by itself.
 * Without a message it draws nothing but its place, so that a screen reader hears a message that comes later.
 */
export function PageStatus({ children }: { children?: ReactNode }) {
  return (
    <div role="status" className="empty:mb-0">
      {children && (
        <p className="flex items-center gap-3 rounded-xl border border-ok-line bg-ok-tint px-5 py-3 font-semibold text-ok">
          <Icon name="circle-check" />
          <span className="min-w-0">{children}</span>
        </p>
      )}
    </div>
  )
}
