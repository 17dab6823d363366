import type { Metadata } from 'next'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { invitedRoles } from '#lib/accounts/people/input.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'
import { consequencesOf, type RecordPower } from '#lib/policy/role-consequences.ts'
import { AdminFrame } from '../../admin-frame.tsx'

export const metadata: Metadata = { title: 'Roles' }

/** What each role may do: made from the rules that the database decides by, so that it cannot say anything else. */
export default async function RolesPage() {
  const actor = await requireActor('admin')
  return (
    <AdminFrame actor={actor} current="people">
      <PageHeader
        title="Roles"
        lead="What each role sees and does. These tables are made from the rules that the database decides by."
        back={{ href: paths.admin, label: 'People' }}
      />
      {invitedRoles.map(consequencesOf).map(({ role, name, records, duties, never }) => (
        <Card key={role} title={name}>
          <div className="space-y-4">
            <ul className="list-disc space-y-1 pl-5">
              {[...duties, ...never].map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <DataTable<RecordPower>
              caption={`What the role ${name} opens of records`}
              captionHidden
              plain
              rows={records}
              rowKey={({ view }) => view}
              empty={<EmptyState>Opens no record.</EmptyState>}
              columns={[
                { key: 'about', header: 'Part of a record', rowHeader: true, cell: ({ about }) => about },
                { key: 'verbs', header: 'May', cell: ({ verbs }) => verbs.join(', ') },
                { key: 'whose', header: 'Of whom', cell: ({ whose }) => whose },
              ]}
            />
          </div>
        </Card>
      ))}
    </AdminFrame>
  )
}
