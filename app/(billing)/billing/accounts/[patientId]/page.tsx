import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { BalanceLine } from '#components/billing/balance-line.tsx'
import { ClaimState } from '#components/billing/claim-state.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Details } from '#components/ui/details.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { Section } from '#components/ui/section.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatMoney } from '#lib/format.ts'
import { mySecondFactors } from '#lib/auth/second-factors.ts'
import { paths } from '#lib/paths.ts'
import { openAccount } from '#lib/records/billing/open-account.ts'
import { BillingFrame } from '../../../billing-frame.tsx'
import { SsnForm } from './ssn-form.tsx'

export const metadata: Metadata = { title: 'Account' }

type Props = { params: Promise<{ patientId: string }> }

/** FHIR R4 Financial Resource Status Codes, as words. */
const coverageStates: Readonly<Record<string, string>> = {
  active: 'Active',
  cancelled: 'Cancelled',
  draft: 'Draft',
  'entered-in-error': 'Entered in error',
}

/** One account: whom to bill, insurance, claims by kind of service, payments. */
export default async function AccountPage({ params }: Props) {
  const actor = await requireActor()
  const { patientId } = await params
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(patientId)) notFound()
  const outcome = await openAccount(actor, patientId)
  if (outcome.kind === 'denied' && outcome.patientId !== undefined)
    redirect(paths.recordDestroyed(outcome.patientId))
  if (outcome.kind === 'denied' || outcome.value === null) notFound()
  const { identity, balance, coverages, claims, moreClaims, payments } = outcome.value
  const date = (iso: string | null): string => (iso === null ? 'Not recorded' : formatDateForStaff(iso))
  return (
    <BillingFrame actor={actor}>
      <PageHeader
        title={identity.name}
        lead="Charges and claims by kind of service. Billing sees no clinical words; the patient can see that you opened this account."
        back={{ href: paths.billing, label: 'Work queue' }}
        actions={<PrintButton />}
      />
      <Card title="Balance">
        <BalanceLine balance={balance} />
      </Card>
      <div className="grid gap-(--gap) md:grid-cols-2">
        <Card title="Account holder">
          <SummaryList
            items={[
              { label: 'Born', value: identity.birthDate ?? 'Not recorded' },
              { label: 'MRN', value: <span className="break-all">{identity.mrn ?? 'Not recorded'}</span> },
              ...identity.contacts.map((contact) => ({
                label: contactLabel(contact.kind),
                value: contact.text,
              })),
            ]}
          />
          <div className="mt-2.5 border-t border-line pt-2.5">
            {identity.ssnLastFour === null ? (
              <p className="text-muted">No social security number is recorded.</p>
            ) : (
              <SsnForm
                patientId={patientId}
                lastFour={identity.ssnLastFour}
                asks={await mySecondFactors(actor)}
              />
            )}
          </div>
        </Card>
        <Card title="Insurance">
          {coverages.length === 0 ? (
            <EmptyState plain>No insurance is recorded.</EmptyState>
          ) : (
            coverages.map((coverage) => (
              <SummaryList
                key={coverage.id}
                items={[
                  { label: 'Insurer', value: coverage.payerName ?? 'Not recorded' },
                  { label: 'Plan', value: coverage.planName ?? 'Not recorded' },
                  { label: 'Member number', value: coverage.memberId ?? 'Not recorded' },
                  { label: 'Group', value: coverage.groupNumber ?? 'Not recorded' },
                  {
                    label: 'Valid',
                    value: `${date(coverage.startsOn)} to ${coverage.endsOn === null ? 'open' : date(coverage.endsOn)}`,
                  },
                  { label: 'Status', value: coverageStates[coverage.status] ?? coverage.status },
                ]}
              />
            ))
          )}
        </Card>
      </div>
      <Section title="Claims">
        {moreClaims && <p className="text-muted">The newest 100 claims are shown.</p>}
        <DataTable
          caption="Claims, newest first"
          captionHidden
          columns={[
            {
              key: 'date',
              header: 'Claim',
              rowHeader: true,
              nowrap: true,
              cell: (claim) => (
                <>
                  <span className="font-semibold">{date(claim.submittedAt)}</span>
                  <span className="block text-sm text-muted">{claim.claimNumber ?? 'No number'}</span>
                </>
              ),
            },
            {
              key: 'kind',
              header: 'For',
              cell: (claim) => (
                <>
                  {[...new Set(claim.lines.map((line) => line.serviceCategory))].join(', ') ||
                    (claim.kind ?? 'Not stated')}
                  <span className="block text-sm text-muted">{claim.payerName ?? 'No insurer'}</span>
                </>
              ),
            },
            {
              key: 'charged',
              header: 'Charged',
              align: 'end',
              cell: (claim) => formatMoney(claim.totalCents),
            },
            {
              key: 'insurer',
              header: 'Insurer paid',
              align: 'end',
              cell: (claim) => formatMoney(claim.insurerPaidCents),
            },
            {
              key: 'share',
              header: 'Patient share',
              align: 'end',
              cell: (claim) =>
                claim.patientShareCents === null ? 'Not decided' : formatMoney(claim.patientShareCents),
            },
            {
              key: 'paid',
              header: 'Patient paid',
              align: 'end',
              cell: (claim) => formatMoney(claim.patientPaidCents),
            },
            { key: 'state', header: 'State', cell: (claim) => <ClaimState state={claim.state} /> },
          ]}
          rows={claims}
          rowKey={(claim) => claim.id}
          empty={<EmptyState>No claim has been made yet.</EmptyState>}
        />
        {claims.length > 0 && (
          <Details summary="Every line of the claims">
            <DataTable
              caption="Lines of the claims, newest claim first"
              captionHidden
              plain
              columns={[
                {
                  key: 'date',
                  header: 'Date',
                  nowrap: true,
                  cell: ({ claim, line }) => date(line.servicedAt ?? claim.submittedAt),
                },
                {
                  key: 'claim',
                  header: 'Claim',
                  nowrap: true,
                  cell: ({ claim, line }) => `${claim.claimNumber ?? 'No number'}, line ${line.lineNumber}`,
                },
                {
                  key: 'kind',
                  header: 'Kind of service',
                  rowHeader: true,
                  cell: ({ line }) => line.serviceCategory,
                },
                { key: 'code', header: 'Billing code', cell: ({ line }) => line.billingCode ?? 'Not coded' },
                { key: 'quantity', header: 'Quantity', align: 'end', cell: ({ line }) => line.quantity ?? 1 },
                {
                  key: 'net',
                  header: 'Amount',
                  align: 'end',
                  cell: ({ line }) => (line.netCents === null ? 'In the total' : formatMoney(line.netCents)),
                },
              ]}
              rows={claims.flatMap((claim) => claim.lines.map((line) => ({ claim, line })))}
              rowKey={({ line }) => line.id}
              empty={<p className="text-muted">The claims have no lines.</p>}
            />
          </Details>
        )}
      </Section>
      <Section title="Payments">
        <DataTable
          caption="Payments, newest first"
          captionHidden
          columns={[
            {
              key: 'date',
              header: 'Date',
              rowHeader: true,
              nowrap: true,
              cell: (payment) => date(payment.paidAt),
            },
            { key: 'payer', header: 'From', cell: (payment) => payment.payer ?? 'Not recorded' },
            { key: 'method', header: 'How', cell: (payment) => payment.method ?? 'Not recorded' },
            { key: 'reference', header: 'Reference', cell: (payment) => payment.reference ?? 'None' },
            {
              key: 'amount',
              header: 'Amount',
              align: 'end',
              cell: (payment) => formatMoney(payment.amountCents),
            },
          ]}
          rows={payments}
          rowKey={(payment) => payment.id}
          empty={<EmptyState>No payment is recorded yet.</EmptyState>}
        />
      </Section>
    </BillingFrame>
  )
}

function contactLabel(kind: string): string {
  return kind === 'phone'
    ? 'Telephone'
    : kind === 'email'
      ? 'Email'
      : kind === 'address'
        ? 'Address'
        : 'Contact'
}
