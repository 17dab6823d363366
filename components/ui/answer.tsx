import type { ReactNode } from 'react'

/** The answer to a question in one sentence, above the table that proves it. Announced politely when it changes. */
export function Answer({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      className="rounded-r-xl border border-l-4 border-line border-l-primary bg-card px-5 py-3.5 leading-relaxed"
    >
      {children}
    </div>
  )
}
