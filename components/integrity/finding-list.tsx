import { Card } from '#components/ui/card.tsx'
import type { FindingView } from '#lib/oversight/integrity/view.ts'

/** What a check found, each with what it means and what to do next. Twenty; whoever runs the server can list more. */
export function FindingList({ findings }: { findings: readonly FindingView[] }) {
  if (findings.length === 0) return null
  const shown = findings.slice(0, 20)
  return (
    <Card title="What was found" icon="circle-alert" tone="bad">
      <ul className="divide-y divide-line">
        {shown.map((finding) => (
          <li key={finding.key} className="space-y-1 py-3 first:pt-0 last:pb-0">
            <p className="font-semibold">{finding.title}</p>
            <p className="text-sm break-words text-muted">
              {[finding.where, finding.detail].filter((part) => part !== '').join(': ')}
            </p>
            <p className="max-w-[66ch]">{finding.next}</p>
          </li>
        ))}
      </ul>
      {findings.length > shown.length && (
        <p className="mt-3 text-sm text-muted">
          “vigil audit verify --json” on the server lists all of them.
        </p>
      )}
    </Card>
  )
}
