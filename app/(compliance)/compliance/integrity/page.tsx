import type { Metadata } from 'next'
import { forbidden } from 'next/navigation'
import { CheckHistory } from '#components/integrity/check-history.tsx'
import { CheckpointTable } from '#components/integrity/checkpoint-table.tsx'
import { FindingList } from '#components/integrity/finding-list.tsx'
import { IntegrityAnswer } from '#components/integrity/integrity-answer.tsx'
import { PlaceTable } from '#components/integrity/place-table.tsx'
import { TreeList } from '#components/integrity/tree-list.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { clinic } from '#lib/clinic.ts'
import { openIntegrity } from '#lib/oversight/integrity/open-integrity.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { FollowProgress } from '../exports/follow-progress.tsx'
import { verifyNowAction } from './actions.ts'
import { wordFor } from '../../../word-for.ts'

export const metadata: Metadata = { title: 'Integrity' }

type Props = { searchParams: Promise<{ done?: string | string[] }> }

const done: Readonly<Record<string, string>> = {
  requested: 'A check was asked for. It begins within seconds.',
  running: 'A check is under way already.',
}

/** Whether the trail is what it was when it was sealed, how that is known, and who outside can say so too. */
export default async function IntegrityPage({ searchParams }: Props) {
  const actor = await requireActor('compliance')
  const given = await searchParams
  const view = await openIntegrity(actor)
  if (!view) forbidden()
  const zone = clinic.timeZone
  return (
    <ComplianceFrame actor={actor} current="integrity">
      <PageHeader
        title="Integrity"
        lead="Whether the audit trail is what it was when it was sealed. Opening this page is recorded."
      />
      <PageStatus>{wordFor(given.done, done)}</PageStatus>
      <IntegrityAnswer view={view} zone={zone} />
      <FindingList findings={view.findings} />
      {view.run ? (
        <Notice
          title={view.run.mode === 'full' ? 'All entries are being checked' : 'New entries are being checked'}
        >
          <p>
            {view.run.isSilent
              ? 'The check gives no sign of life. It is taken up again by itself; if it is not, tell whoever runs the server.'
              : view.run.hasStarted
                ? `${view.run.percent}% done. You can leave this page; the check goes on.`
                : 'It begins within seconds.'}
          </p>
          <FollowProgress />
        </Notice>
      ) : (
        <form action={verifyNowAction} aria-label="Check now" className="space-y-3 print:hidden">
          <ButtonRow>
            <SubmitButton name="mode" value="since" pendingText="Asking…">
              Check new entries
            </SubmitButton>
            <SubmitButton name="mode" value="full" variant="secondary" pendingText="Asking…">
              Check everything
            </SubmitButton>
          </ButtonRow>
          <p className="max-w-[66ch] text-sm text-muted">
            Checks also run by themselves: every day what is new, every week everything, and everything after
            a restore. People can work on meanwhile.
          </p>
        </form>
      )}
      {view.brokenOffAt !== null && (
        <Notice tone="warn" title="The last check broke off">
          It is tried again. If it breaks off again, whoever runs the server looks at “vigil doctor”.
        </Notice>
      )}
      <Section title="Checks">
        <CheckHistory history={view.history} zone={zone} />
      </Section>
      <Section title="Who else holds what was sealed">
        <PlaceTable places={view.places} witnesses={view.witnesses} zone={zone} />
      </Section>
      <Section title="Newest checkpoints">
        <CheckpointTable checkpoints={view.checkpoints} zone={zone} />
      </Section>
      {view.trees.length > 1 && (
        <Section title="Restores">
          <TreeList trees={view.trees} zone={zone} />
        </Section>
      )}
      <p className="max-w-[66ch] text-muted">
        Anybody can check evidence without this product:{' '}
        <AppLink href={paths.verifier}>the verifier and the public key</AppLink> are open to everyone.
      </p>
    </ComplianceFrame>
  )
}
