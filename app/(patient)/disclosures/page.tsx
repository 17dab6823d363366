import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { buttonClass } from '#components/ui/button-class.ts'
import { Card } from '#components/ui/card.tsx'
import { Details } from '#components/ui/details.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { listMyDisclosures } from '#lib/records/my-record/list-my-disclosures.ts'
import type { MyDisclosuresView } from '#lib/records/my-record/view.ts'
import { openRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'
import { AskForm } from './ask-form.tsx'
import { single } from '../../single.ts'
import { wordFor } from '../../word-for.ts'

export const metadata: Metadata = { title: 'Disclosures' }

type Given = Partial<Record<'done' | 'from' | 'to', string | string[]>>
type Props = { searchParams: Promise<Given> }

const doneTexts: Readonly<Record<string, string>> = {
  asked: 'We have your request. You get the list within 60 days.',
  'already-asked': 'You asked for these days already. Nothing was sent twice.',
}

/** To whom the clinic gave information outside of care, payment and its own work: asking for the list, and getting it. */
export default async function DisclosuresPage({ searchParams }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const view = shown(await listMyDisclosures(actor, record.patientId))
  const { done, from, to } = await searchParams
  return (
    <PatientFrame current="who-looked" record={record} whose={view.whose} width="reading">
      <PageStatus>{wordFor(done, doneTexts)}</PageStatus>
      <PageHeader
        title="Disclosures"
        back={{ href: paths.whoLooked, label: 'Who looked' }}
        lead="You have a right to know whom we gave your health information to outside the clinic."
      />
      <Card title="Ask for the list">
        <p className="mb-4">We look it up and put it here within 60 days. We can go back six years.</p>
        <AskForm
          formKey={randomUUID()}
          from={single(from) ?? yearBefore(view.today)}
          to={single(to) ?? view.today}
          isRefused={done === 'invalid'}
        />
      </Card>
      <Section title="What you asked for">
        {view.requests.length === 0 ? (
          <EmptyState>You have not asked for a list yet.</EmptyState>
        ) : (
          <ul data-card className="divide-y divide-line rounded-xl border border-line bg-card">
            {view.requests.map((request) => (
              <RequestRow key={request.id} request={request} />
            ))}
          </ul>
        )}
      </Section>
      <Details summary="What is on the list, and what is not">
        <p>
          On it: what we gave to health agencies, courts, the police, researchers and others without your
          written word. Also what was given out by mistake.
        </p>
        <p>
          Not on it: what was needed to treat you, to be paid, or to run the clinic. What you got yourself or
          agreed to. What an agency asked us to keep quiet about for a time.
        </p>
        <p>
          Questions? Call <ClinicPhone /> and ask for the privacy officer.
        </p>
      </Details>
    </PatientFrame>
  )
}

function RequestRow({ request }: { request: MyDisclosuresView['requests'][number] }) {
  const { id, from, to, status, requestedAt, dueAt, providedAt, extensionReason } = request
  const period = `${formatDateForPatient(from)} to ${formatDateForPatient(to)}`
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4">
      <div className="min-w-0">
        <h3>{period}</h3>
        <p className="text-sm text-muted">
          Asked on {formatDateForPatient(requestedAt)}.{' '}
          {providedAt === null
            ? `You get it by ${formatDateForPatient(dueAt)}.`
            : `Given on ${formatDateForPatient(providedAt)}.`}
        </p>
        {status === 'extended' && <p className="text-sm text-muted">It takes longer: {extensionReason}</p>}
      </div>
      {status === 'provided' ? (
        <a href={paths.accountingLetter(id)} download className={buttonClass('secondary')}>
          Download PDF<span className="sr-only"> of {period}</span>
        </a>
      ) : (
        <Tag tone="info">{status === 'open' ? 'We are working on it' : 'Takes longer'}</Tag>
      )}
    </li>
  )
}

function yearBefore(day: string): string {
  return `${Number(day.slice(0, 4)) - 1}${day.slice(4) === '-02-29' ? '-02-28' : day.slice(4)}`
}
