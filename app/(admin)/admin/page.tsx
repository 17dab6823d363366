import type { Metadata } from 'next'
import { KeyAlert } from '#components/keys/key-alert.tsx'
import { PersonStatus } from '#components/people/person-status.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { listKeys } from '#lib/accounts/keys/list-keys.ts'
import { countPortalAccounts, listPeople } from '#lib/accounts/people/list-people.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateTimeForStaff, plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { AdminFrame } from '../admin-frame.tsx'
import { AdminAlerts } from './recoveries/admin-alerts.tsx'
import { InviteForm } from './invite-form.tsx'

export const metadata: Metadata = { title: 'People' }

/** Everybody who works here, and an invitation for the next one. Of patients there is a number and nothing else. */
export default async function PeoplePage() {
  const actor = await requireActor('admin')
  const [people, portal, keys] = await Promise.all([
    listPeople(actor),
    countPortalAccounts(actor),
    listKeys(),
  ])
  return (
    <AdminFrame actor={actor} current="people">
      <PageHeader title="People" lead="Staff and their logins. Administrators never see a patient." />
      <AdminAlerts actor={actor} />
      <KeyAlert
        kinds={keys.kinds.filter(({ standing }) => standing === 'overdue')}
        more={<AppLink href={paths.adminKeys}>Look at the keys</AppLink>}
      />
      <DataTable
        caption={plural(people.length, 'member of staff', 'members of staff')}
        columns={[
          {
            key: 'name',
            header: 'Name',
            rowHeader: true,
            cell: (person) => (
              <>
                <AppLink href={paths.adminPerson(person.accountId)} className="font-semibold">
                  {person.name}
                </AppLink>
                <span className="block text-sm text-muted">{person.jobTitle || 'No job title'}</span>
              </>
            ),
          },
          { key: 'role', header: 'Role', cell: (person) => person.roleName },
          { key: 'email', header: 'Email', cell: (person) => person.email },
          {
            key: 'factor',
            header: 'Second factor',
            cell: (person) => (person.hasSecondFactor ? 'Set up' : 'Not yet'),
          },
          {
            key: 'last',
            header: 'Last sign-in',
            nowrap: true,
            cell: (person) =>
              person.lastSignInAt === null ? 'Never' : formatDateTimeForStaff(person.lastSignInAt),
          },
          { key: 'open', header: 'Open sessions', align: 'end', cell: (person) => person.openSessions },
          { key: 'status', header: 'Status', cell: (person) => <PersonStatus status={person.status} /> },
        ]}
        rows={people}
        rowKey={(person) => person.accountId}
        empty={<EmptyState>Nobody has a login yet. Invite the first person below.</EmptyState>}
      />
      <Section title="Invite a person">
        <p className="max-w-[66ch] text-muted">
          A role is what somebody sees and does from their first sign-in on.{' '}
          <AppLink href={paths.adminRoles}>What each role may do</AppLink>
        </p>
        <InviteForm />
      </Section>
      <Section title="Portal accounts">
        <p className="max-w-[66ch] text-muted">
          {portal.length === 0
            ? 'No patient uses the portal yet.'
            : portal
                .map(
                  (count) =>
                    `${count.roleName}: ${plural(count.accounts, 'account')}, ${plural(count.openSessions, 'open session')}`,
                )
                .join('. ')}
          . Patients are not listed here.
        </p>
      </Section>
    </AdminFrame>
  )
}
