import type { ReactNode } from 'react'

export type SummaryItem = { label: string; value: ReactNode; action?: ReactNode }

/** Names and values under each other. An empty value is said in words ("Not recorded"), never left blank. */
export function SummaryList({ items }: { items: readonly SummaryItem[] }) {
  return (
    <dl className="divide-y divide-line">
      {items.map(({ label, value, action }) => (
        <div
          key={label}
          className="grid gap-x-4 gap-y-0.5 py-2.5 first:pt-0 last:pb-0 sm:grid-cols-[min(12rem,35%)_1fr_auto]"
        >
          <dt className="text-muted sm:font-normal">{label}</dt>
          <dd className="min-w-0">{value === null || value === '' ? 'Not recorded' : value}</dd>
          {action && <dd className="print:hidden">{action}</dd>}
        </div>
      ))}
    </dl>
  )
}
