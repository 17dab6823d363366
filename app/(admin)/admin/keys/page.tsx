import type { Metadata } from 'next'
import { KeyAlert } from '#components/keys/key-alert.tsx'
import { KeyAnswer } from '#components/keys/key-answer.tsx'
import { KeyCommands } from '#components/keys/key-commands.tsx'
import { KeyHolder } from '#components/keys/key-holder.tsx'
import { KeyTable } from '#components/keys/key-table.tsx'
import { ShredRequests } from '#components/keys/shred-requests.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { listKeys } from '#lib/accounts/keys/list-keys.ts'
import { listOpenShredRequests } from '#lib/accounts/keys/list-shred-requests.ts'
import type { CredentialView } from '#lib/accounts/keys/view.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { formatDateForStaff, plural } from '#lib/format.ts'
import { AdminFrame } from '../../admin-frame.tsx'
import { ScheduleForm } from './schedule-form.tsx'

export const metadata: Metadata = { title: 'Keys' }

type Props = { searchParams: Promise<{ done?: string | string[] }> }

/** How old the keys are, when they are due, and who holds them. Of patients there is nothing here, and no key either. */
export default async function KeysPage({ searchParams }: Props) {
  const actor = await requireActor('admin')
  const [keys, requests, asks] = await Promise.all([
    listKeys(),
    listOpenShredRequests(actor),
    factorsToAskFor(actor),
  ])
  const { done } = await searchParams
  return (
    <AdminFrame actor={actor} current="keys">
      <PageHeader
        title="Keys"
        lead="What keeps records closed to whoever copies a database. Keys are renewed by commands on the server, while people work."
      />
      <PageStatus>{done === 'schedule' ? 'The schedule was saved.' : undefined}</PageStatus>
      <KeyAlert kinds={keys.kinds} />
      <KeyAnswer kinds={keys.kinds} />
      <KeyTable kinds={keys.kinds} />
      <KeyCommands kinds={keys.kinds} />
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        <div className="grid gap-(--gap)">
          <Card title="Holder of the root key" icon="key">
            <KeyHolder provider={keys.provider} />
          </Card>
          <Card title="Requests to destroy a patient’s keys" icon="list-checks">
            <ShredRequests requests={requests} />
          </Card>
        </div>
        <Card title="Passwords and secrets" icon="lock" flush>
          <Credentials credentials={keys.credentials} />
        </Card>
      </div>
      <Section title="Schedule">
        <p className="max-w-[66ch] text-muted">
          How old each kind may become, and how many days before that administrators are reminded. You can ask
          for less than Vigil allows, never for more.
        </p>
        <ScheduleForm kinds={keys.kinds} asks={asks} />
      </Section>
    </AdminFrame>
  )
}

function Credentials({ credentials }: { credentials: readonly CredentialView[] }) {
  return (
    <DataTable
      caption="Passwords and secrets"
      captionHidden
      plain
      rows={credentials}
      rowKey={({ name }) => name}
      empty={null}
      columns={[
        { key: 'name', header: 'What it lets in', rowHeader: true, cell: ({ name }) => name },
        {
          key: 'changed',
          header: 'Last changed',
          nowrap: true,
          cell: ({ changedAt }) => formatDateForStaff(changedAt),
        },
        {
          key: 'age',
          header: 'Age',
          align: 'end',
          nowrap: true,
          cell: ({ ageDays }) => plural(ageDays, 'day'),
        },
      ]}
    />
  )
}
