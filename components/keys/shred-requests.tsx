import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import type { ShredRequestView } from '#lib/accounts/keys/view.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'

/** Requests to destroy a patient's keys that are open; the patient is a reference of the audit trail and nothing else. */
export function ShredRequests({ requests }: { requests: readonly ShredRequestView[] }) {
  if (requests.length === 0)
    return (
      <EmptyState plain>
        None is open. Two people, administrators or compliance officers, ask for it and confirm it on the
        server: <code className="text-sm">vigil keys shred</code>
      </EmptyState>
    )
  return (
    <ul className="divide-y divide-line">
      {requests.map(({ requestId, reference, state, requestedAt, requestedBy, expiresAt, isHeld }) => (
        <li key={requestId} className="space-y-0.5 py-2.5 first:pt-0 last:pb-0">
          <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
            <strong>{reference}</strong>
            <span>{state}</span>
            {isHeld && <Tag tone="warn">Legal hold</Tag>}
          </p>
          <p className="text-sm text-muted">
            {requestedBy}, {formatDateTimeForStaff(requestedAt)}; runs out {formatDateTimeForStaff(expiresAt)}
          </p>
        </li>
      ))}
    </ul>
  )
}
