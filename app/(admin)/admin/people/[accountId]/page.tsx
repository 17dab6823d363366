import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { LeaverClockCard } from '#components/people/leaver-clock-card.tsx'
import { PersonStatus } from '#components/people/person-status.tsx'
import { SessionTable } from '#components/people/session-table.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { Select } from '#components/ui/select.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { readEmploymentEnd, readLeaverClock } from '#lib/accounts/people/leaver-clock.ts'
import { openPerson } from '#lib/accounts/people/list-people.ts'
import { listStaffSessions } from '#lib/accounts/people/list-staff-sessions.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { AdminFrame } from '../../../admin-frame.tsx'
import { ChangeForm } from '../../change-form.tsx'
import { recoveryReasonWords } from '../../recoveries/reason-words.ts'
import { RecoveryForm } from '../../recoveries/recovery-form.tsx'

export const metadata: Metadata = { title: 'Person' }

type Props = { params: Promise<{ accountId: string }> }

const roleOptions = [
  { value: 'nurse', label: 'Nurse' },
  { value: 'clinician', label: 'Clinician' },
  { value: 'billing', label: 'Billing' },
  { value: 'compliance', label: 'Compliance officer' },
  { value: 'admin', label: 'Administrator' },
]

const blockedInWords = ({ until }: { until: string | null }): string =>
  until === null
    ? 'Blocked after too many failed attempts, until somebody unlocks it'
    : `Blocked after failed attempts, until ${formatDateTimeForStaff(until)}`

/** One member of staff: role, sessions, and the way out. */
export default async function PersonPage({ params }: Props) {
  const actor = await requireActor('admin')
  const { accountId } = await params
  const person = await openPerson(actor, accountId)
  if (!person) notFound()
  const sessions = await listStaffSessions(actor, accountId)
  const [end, clock] = await Promise.all([
    readEmploymentEnd(actor, accountId),
    readLeaverClock(actor, accountId),
  ])
  const isSelf = person.accountId === actor.accountId
  // Whoever was in before gets no new code from one administrator alone; the database asks the same.
  const mayBeginAnew =
    person.status === 'active' ||
    person.status === 'locked' ||
    (person.status === 'invited' && person.lastSignInAt !== null)
  return (
    <AdminFrame actor={actor} current="people">
      <PageHeader
        title={person.name}
        lead={person.jobTitle || person.roleName}
        back={{ href: paths.admin, label: 'People' }}
      />
      <Card title="Login">
        <SummaryList
          items={[
            { label: 'Status', value: <PersonStatus status={person.status} /> },
            { label: 'Role', value: person.roleName },
            { label: 'Email', value: person.email },
            {
              label: 'Second factor',
              value: person.hasSecondFactor ? 'Set up' : 'Not set up yet',
            },
            { label: 'Account since', value: formatDateTimeForStaff(person.createdAt) },
            {
              label: 'Last sign-in',
              value: person.lastSignInAt === null ? 'Never' : formatDateTimeForStaff(person.lastSignInAt),
            },
            ...(end ? [{ label: 'Access ends', value: formatDateTimeForStaff(end.endsAt) }] : []),
            ...(person.signInBlocked
              ? [{ label: 'Sign-in', value: blockedInWords(person.signInBlocked) }]
              : []),
          ]}
        />
      </Card>
      {isSelf ? (
        <p className="text-muted">
          This is your own account. Another administrator changes your role or deactivates you.
        </p>
      ) : (
        <div className="grid items-start gap-(--gap) md:grid-cols-2">
          <Card title="Change the role">
            <ChangeForm change="role" accountId={accountId} label="Change role" pendingText="Changing…">
              <Select
                name="role"
                label="New role"
                hint="The person is signed out everywhere at once and loses what the old role allowed."
                options={roleOptions.filter((option) => option.value !== person.role)}
                emptyLabel="Choose"
              />
            </ChangeForm>
          </Card>
          {person.status === 'deactivated' ? (
            <Card title="Reactivate">
              <ChangeForm
                change="reactivate"
                accountId={accountId}
                label="Reactivate"
                pendingText="Reactivating…"
              >
                <p>The person can sign in again with the password and second factor from before.</p>
              </ChangeForm>
            </Card>
          ) : (
            <Card title="Deactivate">
              <ChangeForm
                change="deactivate"
                accountId={accountId}
                label="Deactivate"
                pendingText="Deactivating…"
                variant="danger"
              >
                <p>For somebody who leaves. Every open session ends on its next click. You can undo it.</p>
              </ChangeForm>
            </Card>
          )}
          {person.status !== 'deactivated' && (
            <Card title="Last day">
              <ChangeForm
                change="last-day"
                accountId={accountId}
                label="Set the last day"
                pendingText="Setting…"
              >
                <TextInput
                  name="last-day"
                  type="date"
                  label="Last day of work"
                  hint="At midnight after it every access ends by itself. Leave it empty to take it back."
                  width="medium"
                  defaultValue={end?.lastDay ?? ''}
                />
              </ChangeForm>
            </Card>
          )}
          {mayBeginAnew && (
            <Card title="Set up the sign-in anew">
              <RecoveryForm step="ask" about={accountId} label="Ask for it" pendingText="Asking…">
                <p>
                  For somebody who lost every way in. A second administrator has to agree; each of you gives
                  the person one half of a code.
                </p>
                <Select
                  name="reason"
                  label="Why"
                  options={Object.entries(recoveryReasonWords).map(([value, label]) => ({ value, label }))}
                  emptyLabel="Choose"
                />
              </RecoveryForm>
            </Card>
          )}
          {person.signInBlocked && (
            <Card title="Unlock sign-in">
              <ChangeForm change="unlock" accountId={accountId} label="Unlock" pendingText="Unlocking…">
                <p>
                  Somebody typed a wrong password or code too often. Ask the person first whether it was them:
                  unlocking lets anybody try again.
                </p>
              </ChangeForm>
            </Card>
          )}
          {person.status === 'invited' && !mayBeginAnew && (
            <Card title="Invite again">
              <ChangeForm
                change="invite-again"
                accountId={accountId}
                label="Make a new code"
                pendingText="Making…"
              >
                <p>For a code that was lost or ran out after seven days.</p>
              </ChangeForm>
            </Card>
          )}
        </div>
      )}
      {clock && <LeaverClockCard clock={clock} />}
      <Section title="Sessions">
        {!isSelf && sessions.some((session) => session.isActive) && (
          <ChangeForm
            change="end-sessions"
            accountId={accountId}
            label="End all sessions"
            pendingText="Ending…"
          />
        )}
        <SessionTable
          caption="Open sessions first"
          sessions={sessions}
          action={(session) => (
            <ChangeForm
              change="end-session"
              accountId={accountId}
              sessionId={session.sessionId}
              label="End"
              pendingText="Ending…"
            />
          )}
        />
      </Section>
    </AdminFrame>
  )
}
