import { SubmitButton } from '#components/ui/submit-button.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { clinic } from '#lib/clinic.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { SavedViewView } from '#lib/oversight/trail/view.ts'
import { viewAction } from './actions.ts'

/** Searches that are kept under a name, each with what it asks for and what can be done with it. */
export function SavedViews({ views }: { views: readonly SavedViewView[] }) {
  return (
    <ul className="divide-y divide-line">
      {views.map((view) => (
        <li key={view.id} className="flex flex-wrap items-center gap-x-6 gap-y-2 py-3">
          <div className="min-w-0 flex-1 basis-80">
            <p className="font-semibold">
              {view.name}{' '}
              {view.isShared && (
                <Tag tone="info">{view.isOwn ? 'Shared' : `Shared by ${view.ownerName}`}</Tag>
              )}
            </p>
            <p className="text-sm break-words text-muted">{view.query}</p>
            {view.lastUsedAt !== null && (
              <p className="text-sm text-muted">
                Last run {formatDateTimeForStaff(view.lastUsedAt, clinic.timeZone)}
              </p>
            )}
          </div>
          <form action={viewAction} aria-label={view.name} className="flex flex-wrap gap-2">
            <input type="hidden" name="view" value={view.id} />
            <SubmitButton variant="secondary" name="change" value="run" pendingText="Working…">
              Run
            </SubmitButton>
            {view.isOwn && (
              <>
                <SubmitButton
                  variant="quiet"
                  name="change"
                  value={view.isShared ? 'unshare' : 'share'}
                  pendingText="Working…"
                >
                  {view.isShared ? 'Stop sharing' : 'Share'}
                </SubmitButton>
                <SubmitButton variant="quiet" name="change" value="remove" pendingText="Working…">
                  Remove
                </SubmitButton>
              </>
            )}
          </form>
        </li>
      ))}
    </ul>
  )
}
