import type { Metadata } from 'next'
import { NotesTable } from '#components/notes/notes-table.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { listNotes } from '#lib/records/notes/list-notes.ts'
import { ChartFrame } from '../../../../care-frame.tsx'
import { doneText, idOr404, openedOr404 } from '../../../../opened.ts'
import { single } from '../../../../../single.ts'

export const metadata: Metadata = { title: 'Notes' }

type Props = {
  params: Promise<{ patientId: string }>
  searchParams: Promise<{ after?: string | string[]; done?: string | string[] }>
}

/** The notes of a chart that this person may read. */
export default async function NotesPage({ params, searchParams }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const { done, ...query } = await searchParams
  const after = single(query.after)
  const view = openedOr404(await listNotes(actor, patientId, after))
  const here = paths.chartNotes(patientId)
  return (
    <ChartFrame actor={actor} banner={view.banner} part="notes">
      <PageStatus>{doneText(done)}</PageStatus>
      <PageHeader
        title="Notes"
        actions={
          <>
            {actor.role === 'nurse' && (
              <LinkButton
                href={paths.chartConfidentialNotes(patientId)}
                variant="secondary"
                icon={<Icon name="lock" size={18} />}
              >
                Confidential notes
              </LinkButton>
            )}
            <LinkButton href={paths.chartNewNote(patientId)} icon={<Icon name="notebook-pen" size={18} />}>
              Write a note
            </LinkButton>
          </>
        }
      />
      <NotesTable patientId={patientId} notes={view.notes} />
      <KeysetPager
        label="Notes"
        newerHref={after ? here : undefined}
        olderHref={view.next ? withQuery(here, { after: view.next }) : undefined}
      />
    </ChartFrame>
  )
}
