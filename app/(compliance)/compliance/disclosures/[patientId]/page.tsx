import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { LedgerTable } from '#components/disclosures/ledger-table.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Section } from '#components/ui/section.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff } from '#lib/format.ts'
import { basisOptions, basisWords } from '#lib/oversight/disclosures/basis.ts'
import { openLedger } from '#lib/oversight/disclosures/open-ledger.ts'
import type { LedgerView } from '#lib/oversight/disclosures/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { idOr404, openedOr404 } from '../../../opened.ts'
import { TextForm } from '../../../text-form.tsx'
import { extendAction, provideAction, recordAction } from './actions.ts'
import { DisclosureForm } from './disclosure-form.tsx'
import { wordFor } from '../../../../word-for.ts'

export const metadata: Metadata = { title: 'Ledger of disclosures' }

type Props = {
  params: Promise<{ patientId: string }>
  searchParams: Promise<{ done?: string | string[] }>
}

const doneTexts: Readonly<Record<string, string>> = {
  recorded: 'The disclosure is in the ledger.',
  corrected: 'The correction stands in the place of the row.',
  suspended: 'Until then the patient is not told of it.',
  provided: 'The patient has the accounting.',
  extended: 'The patient was told that it takes 30 days more.',
}

/** One patient's ledger of disclosures: what they asked for, what is in it, and writing into it. */
export default async function LedgerPage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const patientId = idOr404((await params).patientId)
  const view = openedOr404(await openLedger(actor, patientId))
  const { done } = await searchParams
  return (
    <ComplianceFrame actor={actor} current="disclosures">
      <PageStatus>{wordFor(done, doneTexts)}</PageStatus>
      <PageHeader
        title="Ledger of disclosures"
        back={{ href: paths.complianceDisclosures, label: 'Disclosures' }}
        lead={`Patient ${view.patientReference}. The ledger only grows: what is wrong is put right by a further row.`}
      />
      <Requests view={view} />
      <Section title="In the ledger">
        <LedgerTable
          rows={view.rows}
          basisWords={basisWords}
          hrefOf={(disclosureId) => paths.complianceDisclosure(patientId, disclosureId)}
        />
      </Section>
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        <Card title="Record a disclosure">
          <DisclosureForm
            action={recordAction.bind(null, patientId)}
            formKey={randomUUID()}
            bases={basisOptions}
          />
        </Card>
        <Card title="Write the accounting as a letter">
          <form action={paths.complianceLetter(patientId)} method="post" className="space-y-4">
            <p className="text-muted">
              For a patient who asked on paper. You see no name here, so enter it as it stands on the request;
              it is printed and kept nowhere.
            </p>
            <TextArea name="addressee" label="Name and address" rows={4} required autoComplete="off" />
            <div className="grid items-end gap-4 sm:grid-cols-2">
              <TextInput name="from" label="From" type="date" defaultValue={view.earliest} required />
              <TextInput name="to" label="To" type="date" defaultValue={view.today} required />
            </div>
            <SubmitButton variant="secondary">Download letter (PDF)</SubmitButton>
          </form>
        </Card>
      </div>
    </ComplianceFrame>
  )
}

function Requests({ view: { patientId, requests } }: { view: LedgerView }) {
  const waiting = requests.filter(({ status }) => status !== 'provided')
  return (
    <Section title="Requests that wait">
      {waiting.length === 0 && <EmptyState>This patient waits for no accounting.</EmptyState>}
      {waiting.map((request) => (
        <Card
          key={request.id}
          level={3}
          title={`${formatDateForStaff(request.from)} to ${formatDateForStaff(request.to)}`}
          aside={`Asked ${formatDateForStaff(request.requestedAt)}, due ${formatDateForStaff(request.dueAt)}`}
        >
          <div className="space-y-4">
            <p>
              Is the ledger complete for this period? Then give it: the patient can download what stands in it
              now.
            </p>
            <form action={provideAction.bind(null, patientId, request.id)}>
              <SubmitButton>Give the accounting</SubmitButton>
            </form>
            {request.status === 'open' && (
              <details>
                <summary className="min-h-6 w-fit py-1 text-link">It takes longer</summary>
                <div className="pt-3">
                  <TextForm
                    action={extendAction.bind(null, patientId, request.id)}
                    name="reason"
                    label="Why it takes 30 days more"
                    hint="The patient reads this. It can be done once."
                    limit={500}
                    rows={2}
                    submit="Take 30 days more"
                    variant="secondary"
                  />
                </div>
              </details>
            )}
          </div>
        </Card>
      ))}
    </Section>
  )
}
