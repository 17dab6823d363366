import type { ReactNode } from 'react'

/** More about it, for those who ask: the browser's own disclosure, open on paper. */
export function Details({
  summary,
  children,
  open,
}: {
  summary: string
  children: ReactNode
  open?: boolean | undefined
}) {
  return (
    <details open={open} className="rounded-xl border border-line bg-card">
      <summary className="min-h-(--control-height) rounded-xl px-5 py-2.5 font-semibold text-link">
        {summary}
      </summary>
      <div className="space-y-3 px-5 pb-4">{children}</div>
    </details>
  )
}
