import { Answer } from '#components/ui/answer.tsx'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'
import { formatDateForStaff } from '#lib/format.ts'

/** Whether all keys are in time, in a sentence; what is not is said by the alert. */
export function KeyAnswer({ kinds }: { kinds: readonly KeyKindView[] }) {
  const late = kinds.some(({ standing }) => standing === 'overdue' || standing === 'due')
  const unknown = kinds.filter(({ standing }) => standing === 'unknown')
  const [next] = kinds
    .flatMap(({ name, dueAt }) => (dueAt === null ? [] : [{ name, dueAt }]))
    .toSorted((a, b) => a.dueAt.localeCompare(b.dueAt))
  if (late) return null
  return (
    <Answer>
      {unknown.length > 0 ? (
        <>
          The ages of {unknown.length} of {kinds.length} kinds cannot be read now, because the key store does
          not answer.
        </>
      ) : (
        <>
          <strong>All keys are in time.</strong>
          {next && (
            <>
              {' '}
              Next: {next.name.toLowerCase()}, by {formatDateForStaff(next.dueAt)}.
            </>
          )}
        </>
      )}
    </Answer>
  )
}
