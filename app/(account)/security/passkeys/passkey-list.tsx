import { DataTable } from '#components/ui/data-table.tsx'
import type { PasskeyView } from '#lib/auth/passkey/list-passkeys.ts'
import { RemovePasskeyForm } from './remove-passkey-form.tsx'

type Props = { passkeys: PasskeyView[]; timeOf: (at: Date) => string }

/** The person's passkeys, each with a button that takes it out of use. */
export function PasskeyList({ passkeys, timeOf }: Props) {
  return (
    <DataTable
      caption="Your passkeys"
      captionHidden
      plain
      rows={passkeys}
      rowKey={(passkey) => passkey.id}
      empty={null}
      columns={[
        { key: 'name', header: 'Device', rowHeader: true, cell: (passkey) => passkey.name },
        { key: 'added', header: 'Added', nowrap: true, cell: (passkey) => timeOf(passkey.createdAt) },
        {
          key: 'used',
          header: 'Last used',
          nowrap: true,
          cell: (passkey) => (passkey.lastUsedAt ? timeOf(passkey.lastUsedAt) : 'Not yet'),
        },
        {
          key: 'remove',
          header: 'Take out of use',
          cell: (passkey) => <RemovePasskeyForm passkey={passkey.id} name={passkey.name} />,
        },
      ]}
    />
  )
}
