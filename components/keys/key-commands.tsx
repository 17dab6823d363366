import { Details } from '#components/ui/details.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'

/** The operator's command that renews each kind, for those who ask. */
export function KeyCommands({ kinds }: { kinds: readonly KeyKindView[] }) {
  return (
    <Details summary="Commands that renew them">
      <SummaryList
        items={kinds.map(({ name, command }) => ({
          label: name,
          value: <code className="text-sm">{command}</code>,
        }))}
      />
    </Details>
  )
}
