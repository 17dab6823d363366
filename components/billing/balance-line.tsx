import { formatMoney } from '#lib/format.ts'
import type { BalanceView } from '#lib/records/billing/view.ts'

/** What is charged, paid, waiting and owed, as terms and amounts. */
export function BalanceLine({ balance }: { balance: BalanceView }) {
  const items = [
    { label: 'Charged', cents: balance.chargedCents },
    { label: 'Insurer paid', cents: balance.insurerPaidCents },
    { label: 'Waiting for the insurer', cents: balance.pendingCents },
    { label: 'Patient paid', cents: balance.patientPaidCents },
    {
      label: balance.owedCents < 0 ? 'Overpaid' : 'Patient owes',
      cents: Math.abs(balance.owedCents),
      strong: true,
    },
  ]
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 md:grid-cols-5">
      {items.map((item) => (
        <div key={item.label}>
          <dt className="text-sm text-muted">{item.label}</dt>
          <dd className={item.strong ? 'text-xl font-semibold tabular' : 'text-xl tabular'}>
            {formatMoney(item.cents)}
          </dd>
        </div>
      ))}
    </dl>
  )
}
