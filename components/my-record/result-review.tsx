import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { clinic } from '#lib/clinic.ts'
import { formatDateForPatient } from '#lib/format.ts'
import type { MyResultView } from '#lib/records/my-record/view.ts'

type Props = {
  result: Pick<MyResultView['result'], 'flag' | 'status' | 'reviewed' | 'reviewedAt'>
  isOwn: boolean
}

/** Whether the care team has seen the result, and what to do meanwhile: no word on what it means. */
export function ResultReview({ result, isOwn }: Props) {
  const call = <ClinicPhone />
  const isCritical = result.flag === 'critical-high' || result.flag === 'critical-low'
  const whose = isOwn ? 'Your care team' : 'The care team'
  return (
    <>
      {isCritical && result.status !== 'entered-in-error' && (
        <Notice tone="warn" title="This result is far out of the usual range">
          <p>
            Call the clinic today if nobody has called you about it: {call}. In an emergency, call{' '}
            {clinic.emergencyNumber}.
          </p>
        </Notice>
      )}
      {result.reviewed ? (
        <Notice tone="ok">
          {whose} reviewed this result
          {result.reviewedAt && ` on ${formatDateForPatient(result.reviewedAt)}`}.
        </Notice>
      ) : (
        <Notice>
          <p>
            {whose} has not reviewed it yet.{' '}
            {result.flag !== null &&
              result.flag !== 'normal' &&
              'A result out of the usual range does not always mean that something is wrong: many things can change it. '}
            If you have questions, call {call}.
          </p>
        </Notice>
      )}
    </>
  )
}
