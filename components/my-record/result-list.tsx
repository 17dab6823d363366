import { ResultFlag } from '#components/labs/result-flag.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { MyResultRowView } from '#lib/records/my-record/view.ts'
import { statusWord } from './status-words.ts'

/** Results as rows: name and date on the left, value and flag on the right, below each other on a phone. The row is one link. */
export function ResultList({ results }: { results: readonly MyResultRowView[] }) {
  return (
    <ul data-card className="divide-y divide-line rounded-xl border border-line bg-card">
      {results.map((result) => (
        <li
          key={result.id}
          className="relative grid gap-x-6 gap-y-1.5 px-4 py-3.5 sm:grid-cols-[minmax(0,1fr)_14rem] sm:px-5"
        >
          <div className="min-w-0">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <h3>
                <AppLink href={paths.result(result.id)} className="after:absolute after:inset-0">
                  {result.name}
                </AppLink>
              </h3>
              {result.isNew && (
                <Tag tone="info" shape="dot">
                  New
                </Tag>
              )}
              {statusWord(result.status) && <Tag tone="warn">{statusWord(result.status)}</Tag>}
            </div>
            <p className="text-sm text-muted">{describe(result)}</p>
          </div>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1 sm:flex-col sm:items-end">
            <p className="tabular">
              <span className="sr-only">Result: </span>
              <Value result={result} />
            </p>
            {(result.flag !== null || !result.hasRange) && <ResultFlag flag={result.flag} wording="short" />}
          </div>
        </li>
      ))}
    </ul>
  )
}

function Value({ result: { value, unit, status } }: { result: MyResultRowView }) {
  const text = (
    <>
      <span className="font-semibold">{value}</span>
      {unit && ` ${unit}`}
    </>
  )
  return status === 'entered-in-error' || status === 'cancelled' ? <del>{text}</del> : text
}

function describe(result: MyResultRowView): string {
  const facts = [formatDateForPatient(result.collectedAt), result.reportName ?? result.performer]
  if (!result.reviewed) facts.push('Not yet reviewed')
  return facts.filter((fact) => fact !== null && fact !== result.name).join(' · ')
}
