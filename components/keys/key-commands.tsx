import { SummaryList } from '#components/ui/summary-list.tsx'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'

/** The operator's command that renews each kind. */
export function KeyCommands({ kinds }: { kinds: readonly KeyKindView[] }) {
  return (
    <SummaryList
      items={kinds.map(({ name, command }) => ({
        label: name,
        value: <code className="text-sm break-words">{command}</code>,
      }))}
    />
  )
}
