import type { ReactNode } from 'react'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { ChartView } from '#lib/records/chart/view.ts'
import { ResultsToReview } from './results-to-review.tsx'
import { VitalsSummary } from './vitals-summary.tsx'

/** The cards of a chart's summary: what waits first, then how the patient is, what they have and what they take. */
export function ChartSummary({ chart }: { chart: ChartView }) {
  return (
    <div className="grid items-start gap-4 md:grid-cols-2">
      <div className="grid min-w-0 gap-4">
        <ResultsToReview chart={chart} />
        <Card title="Medicines">
          <FactList
            empty="No current medicine is on the list."
            facts={chart.medicines.map((medicine) => ({
              id: medicine.id,
              name: medicine.name,
              detail: medicine.dosage,
              aside: <Refills count={medicine.refills} />,
            }))}
          />
        </Card>
      </div>
      <div className="grid min-w-0 gap-4">
        <VitalsSummary chart={chart} />
        <Card title="Problems">
          <FactList
            empty="No active problem is on the list."
            facts={chart.problems.map((problem) => ({
              id: problem.id,
              name: problem.name,
              aside: problem.since && <span className="text-muted">since {problem.since}</span>,
            }))}
          />
        </Card>
        <Card title="Allergies">
          <FactList
            empty="None recorded. Nobody has noted yet whether there are any."
            facts={chart.allergies.map((allergy) => ({
              id: allergy.id,
              name: allergy.name,
              detail: allergy.reactions,
              aside: allergy.highRisk && <span className="font-semibold text-bad">High risk</span>,
            }))}
          />
        </Card>
      </div>
    </div>
  )
}

type Fact = { id: string; name: string; detail?: string | null; aside?: ReactNode }

function FactList({ facts, empty }: { facts: readonly Fact[]; empty: string }) {
  if (facts.length === 0) return <EmptyState plain>{empty}</EmptyState>
  return (
    <ul className="divide-y divide-line">
      {facts.map((fact) => (
        <li key={fact.id} className="flex items-baseline justify-between gap-x-4 py-2 first:pt-0 last:pb-0">
          <div className="min-w-0">
            {fact.name}
            {fact.detail && <p className="text-sm text-muted">{fact.detail}</p>}
          </div>
          {fact.aside && <div className="shrink-0 tabular">{fact.aside}</div>}
        </li>
      ))}
    </ul>
  )
}

/** A medicine that is about to run out should stand out; one whose refills nobody counts says nothing. */
function Refills({ count }: { count: number | null }) {
  if (count === null) return null
  if (count === 0) return <span className="font-semibold text-warn">0 refills</span>
  return <span className="text-muted">{count === 1 ? '1 refill' : `${count} refills`}</span>
}
