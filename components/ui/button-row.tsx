import type { ReactNode } from 'react'

/** Buttons beside each other, the first one first; full width below each other on a phone. */
export function ButtonRow({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-3 max-sm:*:w-full print:hidden">{children}</div>
}
