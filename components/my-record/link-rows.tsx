import { AppLink } from '#components/ui/app-link.tsx'
import { Icon, type IconName } from '#components/ui/icon.tsx'

export type LinkRow = { href: string; icon: IconName; title: string; description: string }

/** Places to go, one row each, for the inside of a card; the whole row is the target of a finger. */
export function LinkRows({ rows }: { rows: readonly LinkRow[] }) {
  return (
    <ul className="divide-y divide-line border-t border-line">
      {rows.map((row) => (
        <li key={row.href} className="relative flex min-h-14 items-center gap-3.5 px-(--gap) py-3">
          <Icon name={row.icon} className="text-link" />
          <div className="min-w-0 flex-1">
            <AppLink href={row.href} className="font-semibold after:absolute after:inset-0">
              {row.title}
            </AppLink>
            <p className="text-sm text-muted">{row.description}</p>
          </div>
          <Icon name="chevron-right" size={18} className="text-muted" />
        </li>
      ))}
    </ul>
  )
}
