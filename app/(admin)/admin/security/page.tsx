import type { Metadata } from 'next'
import { ActivityChart } from '#components/audit/activity-chart.tsx'
import { HeldAccounts } from '#components/people/held-accounts.tsx'
import { SignInSources } from '#components/people/sign-in-sources.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { readSignInReport } from '#lib/accounts/sign-ins/read-sign-in-report.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { clinic } from '#lib/clinic.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { AdminFrame } from '../../admin-frame.tsx'
import { ChangeForm } from '../change-form.tsx'

export const metadata: Metadata = { title: 'Failed sign-ins' }

const words = {
  one: 'failed try',
  many: 'failed tries',
  part: 'turned away before anything was checked',
  foot: 'tries that had to wait and were not checked',
  whole: 'Failed tries',
  partHeader: 'Turned away',
  empty: 'No failed try in this period.',
}

type Props = { searchParams: Promise<{ by?: string | string[] }> }

/** Who tried to get in and was not let in: when, from where, and whose account is held up by it. */
export default async function FailedSignInsPage({ searchParams }: Props) {
  const actor = await requireActor('admin')
  const unit = (await searchParams).by === 'hour' ? 'hour' : 'day'
  const report = await readSignInReport(actor, unit)
  const period = unit === 'hour' ? 'The last 24 hours' : 'The last 30 days'
  return (
    <AdminFrame actor={actor} current="sign-ins">
      <PageHeader
        title="Failed sign-ins"
        lead="Tries to get in that failed, where they came from, and accounts that are held up. No patient is named here."
      />
      <Section title="Accounts that are held up">
        <HeldAccounts
          held={report.held}
          portalAccounts={report.heldPortalAccounts}
          action={(account) => (
            <ChangeForm
              change="unlock"
              accountId={account.accountId}
              label="Unlock"
              pendingText="Unlocking…"
            />
          )}
        />
      </Section>
      <Section
        title="Failed tries over time"
        aside={
          <LinkButton
            variant="secondary"
            href={withQuery(paths.adminSignIns, { by: unit === 'hour' ? null : 'hour' })}
          >
            {unit === 'hour' ? 'Show 30 days' : 'Show 24 hours'}
          </LinkButton>
        }
      >
        <ActivityChart
          activity={{ unit, bars: report.bars }}
          title={period}
          zone={clinic.timeZone}
          words={words}
        />
      </Section>
      <Section title="Where they came from">
        <SignInSources sources={report.sources} period={period} />
      </Section>
    </AdminFrame>
  )
}
