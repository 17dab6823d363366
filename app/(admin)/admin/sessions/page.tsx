import type { Metadata } from 'next'
import { SessionTable } from '#components/people/session-table.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { listStaffSessions } from '#lib/accounts/people/list-staff-sessions.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { AdminFrame } from '../../admin-frame.tsx'
import { ChangeForm } from '../change-form.tsx'
import { EverybodyForm } from './everybody-form.tsx'

export const metadata: Metadata = { title: 'Sessions' }

/** Who of the staff is signed in, and was; each session can be ended. */
export default async function SessionsPage() {
  const actor = await requireActor('admin')
  const sessions = await listStaffSessions(actor)
  return (
    <AdminFrame actor={actor} current="sessions">
      <PageHeader
        title="Sessions"
        lead="Sign-ins of staff. A session ends by itself after at most 15 minutes without use, and at the latest after 12 hours."
      />
      <SessionTable
        caption="Open sessions first, then the newest"
        sessions={sessions}
        withNames
        action={(session) => (
          <ChangeForm
            change="end-session"
            accountId={session.accountId}
            sessionId={session.sessionId}
            label="End"
            pendingText="Ending…"
          />
        )}
      />
      <Section title="Sign everybody out">
        <p className="max-w-[66ch] text-muted">
          When cookies or a device with many sessions may be in wrong hands. Every session ends on its next
          click, except yours. Drafts are kept.
        </p>
        <EverybodyForm />
      </Section>
    </AdminFrame>
  )
}
