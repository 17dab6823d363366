import { RangeBar } from '#components/labs/range-bar.tsx'
import { ResultFlag } from '#components/labs/result-flag.tsx'
import { Card } from '#components/ui/card.tsx'
import { formatDateForPatient } from '#lib/format.ts'
import type { MyResultView } from '#lib/records/my-record/view.ts'

/** One value: how much, where it lies, what is usual, and what stood there before a correction. */
export function ResultPanel({ result, isOwn }: { result: MyResultView['result']; isOwn: boolean }) {
  const isTakenBack = result.status === 'entered-in-error' || result.status === 'cancelled'
  const Value = isTakenBack ? 'del' : 'span'
  return (
    <Card title={isOwn ? 'Your result' : 'Result'}>
      <div className="space-y-4">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="leading-tight">
            <Value className="text-4xl font-bold tabular">{result.value}</Value>
            {result.unit && <span className="text-lg"> {result.unit}</span>}
          </p>
          {result.flag !== null && <ResultFlag flag={result.flag} />}
        </div>
        <Correction result={result} />
        <Range result={result} />
        {!isTakenBack && <RangeBar {...result} valueLabel={isOwn ? 'You' : 'Result'} />}
      </div>
    </Card>
  )
}

function Correction({ result }: { result: MyResultView['result'] }) {
  if (result.status !== 'corrected' && result.status !== 'amended') return null
  const verb = result.status === 'corrected' ? 'Corrected' : 'Changed'
  return (
    <p>
      {result.previousValue !== null && (
        <>
          <del className="text-muted">
            <span className="sr-only">Before, taken back: </span>
            {result.previousValue}
            {result.unit && !/[a-z%/]/i.test(result.previousValue) && ` ${result.unit}`}
          </del>{' '}
        </>
      )}
      <strong>
        {verb}
        {result.correctedAt && ` on ${formatDateForPatient(result.correctedAt)}`}
      </strong>
      {result.previousValue !== null && '. The crossed-out value was wrong.'}
    </p>
  )
}

function Range({ result: { low, high, rangeText, unit } }: { result: MyResultView['result'] }) {
  const withUnit = unit ? ` ${unit}` : ''
  const words =
    low !== null && high !== null
      ? `${low} to ${high}${withUnit}`
      : high !== null
        ? `${high}${withUnit} or less`
        : low !== null
          ? `${low}${withUnit} or more`
          : null
  if (words === null && rangeText === null) return <p>The lab gave no usual range for this test.</p>
  return (
    <p>
      Usual range at this lab: <strong>{words ?? rangeText}</strong>
    </p>
  )
}
