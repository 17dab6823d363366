import type { Metadata } from 'next'
import { WorklistTable } from '#components/worklist/worklist-table.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { listMyPatients } from '#lib/records/worklist/list-my-patients.ts'
import { CareFrame } from '../care-frame.tsx'
import { doneText, openedOr404 } from '../opened.ts'
import { single } from '../../single.ts'

export const metadata: Metadata = { title: 'Worklist' }

type Props = { searchParams: Promise<{ after?: string | string[]; done?: string | string[] }> }

/** What to do next: the patients of the person who is signed in, and what waits for each. */
export default async function WorklistPage({ searchParams }: Props) {
  const actor = await requireActor('care')
  const { done, ...query } = await searchParams
  const after = single(query.after)
  const worklist = openedOr404(await listMyPatients(actor, after))
  return (
    <CareFrame actor={actor} current="worklist">
      <PageStatus>{doneText(done)}</PageStatus>
      <PageHeader
        title="Worklist"
        lead={
          <>
            Newest results first, as of {formatDateTimeForStaff(worklist.readAt)}.{' '}
            <AppLink href={paths.care} className="print:hidden">
              Refresh
            </AppLink>
          </>
        }
        actions={
          <LinkButton href={paths.careSearch} variant="secondary" icon={<Icon name="search" size={18} />}>
            Find a patient
          </LinkButton>
        }
      />
      <WorklistTable worklist={worklist} />
      <KeysetPager
        label="My patients"
        newerHref={after ? paths.care : undefined}
        olderHref={worklist.next ? withQuery(paths.care, { after: worklist.next }) : undefined}
      />
    </CareFrame>
  )
}
