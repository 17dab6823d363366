import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatDateTimeForStaff, localDay } from '#lib/format.ts'
import { basisOptions, basisWords } from '#lib/oversight/disclosures/basis.ts'
import { openLedger } from '#lib/oversight/disclosures/open-ledger.ts'
import type { LedgerRowView } from '#lib/oversight/disclosures/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../../compliance-frame.tsx'
import { idOr404, openedOr404 } from '../../../../opened.ts'
import { DisclosureForm } from '../disclosure-form.tsx'
import { correctAction, suspendAction } from './actions.ts'
import { SuspensionForm } from './suspension-form.tsx'

export const metadata: Metadata = { title: 'Disclosure' }

type Props = { params: Promise<{ patientId: string; disclosureId: string }> }

/** One row of the ledger: what it says, putting it right, and silence that an agency asked for. */
export default async function DisclosurePage({ params }: Props) {
  const actor = await requireActor('compliance')
  const { patientId, disclosureId } = await params
  const ledger = openedOr404(await openLedger(actor, idOr404(patientId)))
  const row = ledger.rows.find(({ id }) => id === idOr404(disclosureId))
  if (!row) notFound()
  return (
    <ComplianceFrame actor={actor} current="disclosures">
      <PageHeader
        title="Disclosure"
        back={{ href: paths.complianceLedger(patientId), label: 'Ledger of disclosures' }}
        lead={`Patient ${ledger.patientReference}, recorded by ${row.recordedBy} on ${formatDateTimeForStaff(row.recordedAt)}.`}
      />
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        <div className="space-y-(--gap)">
          <Card title="What the ledger says">
            <SummaryList items={facts(row)} />
          </Card>
          <Card title="Silence that an agency asked for">
            <div className="space-y-4">
              {row.suspensions.length === 0 && <p className="text-muted">Nobody asked for silence.</p>}
              {row.suspensions.map((suspension) => (
                <div key={suspension.id}>
                  <p className="font-semibold">
                    Until {formatDateTimeForStaff(suspension.endsAt)}
                    {suspension.isOral ? ', oral' : ', in writing'}
                    {suspension.isCurrent ? '' : ' (over)'}
                  </p>
                  <p>{suspension.authority}</p>
                  <p className="whitespace-pre-wrap text-muted">{suspension.statement}</p>
                </div>
              ))}
              <SuspensionForm action={suspendAction.bind(null, patientId, row.id)} formKey={randomUUID()} />
            </div>
          </Card>
        </div>
        <Card title="Put it right">
          {row.state === 'corrected' ? (
            <p>Another row has taken its place. Put that one right.</p>
          ) : (
            <DisclosureForm
              action={correctAction.bind(null, patientId, row.id)}
              formKey={randomUUID()}
              bases={basisOptions}
              initial={initialOf(row)}
              isCorrection
            />
          )}
        </Card>
      </div>
    </ComplianceFrame>
  )
}

const states = { counts: 'Counts', corrected: 'Put right by another row', withdrawn: 'Taken back' } as const

function facts(row: LedgerRowView) {
  return [
    { label: 'Day', value: formatDateForStaff(row.disclosedAt) },
    ...(row.lastDisclosedAt === null
      ? []
      : [
          { label: 'Repeated', value: `${row.times} times until ${formatDateForStaff(row.lastDisclosedAt)}` },
        ]),
    { label: 'Who received it', value: row.recipientName },
    { label: 'Their address', value: row.recipientAddress ?? 'Not known' },
    { label: 'What', value: row.what },
    { label: 'Kind', value: basisWords[row.basis] ?? row.basis },
    { label: 'Why', value: row.purpose },
    { label: 'State', value: states[row.state] },
    ...(row.correctionReason === null
      ? []
      : [{ label: 'Corrects an earlier row', value: row.correctionReason }]),
  ]
}

function initialOf(row: LedgerRowView): Record<string, string> {
  return {
    date: localDay(row.disclosedAt),
    lastDate: row.lastDisclosedAt === null ? '' : localDay(row.lastDisclosedAt),
    times: row.times === null ? '' : String(row.times),
    basis: row.basis,
    recipientName: row.recipientName,
    recipientAddress: row.recipientAddress ?? '',
    what: row.what,
    purpose: row.purpose,
  }
}
