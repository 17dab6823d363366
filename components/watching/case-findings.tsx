import type { CaseDetailView } from '#lib/oversight/watching/view.ts'

/** Why there is a case: each rule with its sentence and weight, then what was looked for and not found. */
export function CaseFindings({ summary, explained, missing }: CaseDetailView) {
  return (
    <div className="space-y-4">
      <ul className="space-y-3">
        {summary.findings.map(({ rule, title, sentence, weight }) => (
          <li key={rule}>
            <p className="font-semibold">{title}</p>
            <p>{sentence}</p>
            <p className="text-sm text-muted">
              Rule {rule}, weight {weight.toFixed(1)}
            </p>
          </li>
        ))}
      </ul>
      {explained.length > 0 && (
        <div>
          <p className="font-semibold">Documented</p>
          <ul className="list-disc pl-5">
            {explained.map((about) => (
              <li key={about}>{about}</li>
            ))}
          </ul>
        </div>
      )}
      {missing.length > 0 && (
        <div>
          <p className="font-semibold">Looked for and not found</p>
          <ul className="list-disc pl-5 text-muted">
            {missing.map((about) => (
              <li key={about}>{about}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}
