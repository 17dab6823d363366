import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { listNotices } from '#lib/accounts/notices/list-notices.ts'
import type { NoticeView } from '#lib/accounts/notices/view.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForPatient, formatDateTimeForStaff } from '#lib/format.ts'
import { AccountFrame } from '../account-frame.tsx'
import { markRead } from './actions.ts'

export const metadata: Metadata = { title: 'Notices' }

/** What a person should know or do next: the same page for every role, without a word about any record. */
export default async function NoticesPage() {
  const actor = await requireActor()
  const notices = await listNotices(actor)
  const format =
    actor.role === 'patient' || actor.role === 'proxy' ? formatDateTimeForPatient : formatDateTimeForStaff
  return (
    <AccountFrame actor={actor} current="notices">
      <PageHeader
        title="Notices"
        lead="What you should know or do next."
        actions={
          notices.some(({ isRead }) => !isRead) && (
            <form action={markRead}>
              <SubmitButton variant="secondary" pendingText="Marking…">
                Mark all as read
              </SubmitButton>
            </form>
          )
        }
      />
      {notices.length === 0 ? (
        <EmptyState>There are no notices. What you should know or do shows here.</EmptyState>
      ) : (
        <ul data-card className="divide-y divide-line rounded-xl border border-line bg-card">
          {notices.map((notice) => (
            <Entry key={notice.id} notice={notice} when={format(notice.at)} />
          ))}
        </ul>
      )}
    </AccountFrame>
  )
}

function Entry({ notice, when }: { notice: NoticeView; when: string }) {
  const { id, title, href, at, isRead } = notice
  return (
    <li className="flex flex-col gap-x-4 gap-y-2 px-4 py-4 sm:flex-row sm:items-center sm:px-5">
      <div className="min-w-0 flex-1">
        <p className={isRead ? undefined : 'font-semibold'}>
          {href === null ? title : <AppLink href={href}>{title}</AppLink>}
        </p>
        <p className="text-sm text-muted">
          <time dateTime={at}>{when}</time>
        </p>
      </div>
      {!isRead && (
        <div className="flex shrink-0 items-center gap-3">
          <Tag tone="info">New</Tag>
          <form action={markRead}>
            <input type="hidden" name="notice" value={id} />
            <SubmitButton variant="secondary" pendingText="Marking…" aria-label={`Mark as read: ${title}`}>
              Mark as read
            </SubmitButton>
          </form>
        </div>
      )}
    </li>
  )
}
