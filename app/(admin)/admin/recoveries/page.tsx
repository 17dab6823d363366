import type { Metadata } from 'next'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { listStaffRecoveries } from '#lib/accounts/people/staff-recovery.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { AdminFrame } from '../../admin-frame.tsx'
import { recoveryReasonWords } from './reason-words.ts'
import { RecoveryForm } from './recovery-form.tsx'

export const metadata: Metadata = { title: 'Sign-ins to set up anew' }

/** Colleagues who lost their way in: what waits for a second administrator. */
export default async function RecoveriesPage() {
  const actor = await requireActor('admin')
  const requests = await listStaffRecoveries(actor)
  return (
    <AdminFrame actor={actor} current="people">
      <PageHeader
        title="Sign-ins to set up anew"
        lead="It takes two administrators, and each of them has one half of the code. A request is asked for on the person’s page, and lapses after 24 hours."
        back={{ href: paths.admin, label: 'People' }}
      />
      {requests.length === 0 && <EmptyState>Nothing waits for a second administrator.</EmptyState>}
      {requests.map((request) => (
        <Card key={request.requestId} title={request.name}>
          <div className="space-y-5">
            <SummaryList
              items={[
                { label: 'Role', value: request.roleName },
                { label: 'Why', value: recoveryReasonWords[request.reason] },
                {
                  label: 'Asked for by',
                  value: `${request.askedBy}, ${formatDateTimeForStaff(request.askedAt)}`,
                },
                { label: 'Lapses', value: formatDateTimeForStaff(request.expiresAt) },
              ]}
            />
            {request.mayAgree ? (
              <RecoveryForm step="agree" about={request.requestId} label="Agree" pendingText="Agreeing…">
                <p className="max-w-[66ch]">
                  First make sure yourself who asks: in person, or by a number that you know already. When you
                  agree, the old password, passkeys, app and recovery codes stop working and every session
                  ends.
                </p>
              </RecoveryForm>
            ) : (
              <p className="text-muted">
                Another administrator has to agree: not who asked, and not whom it is about.
              </p>
            )}
            <RecoveryForm
              step="close"
              about={request.requestId}
              label="Close the request"
              pendingText="Closing…"
            />
          </div>
        </Card>
      ))}
    </AdminFrame>
  )
}
