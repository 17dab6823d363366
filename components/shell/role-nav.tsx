import { AppLink } from '#components/ui/app-link.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { navigation, type StaffAudience } from './navigation.ts'

type Props = {
  audience: StaffAudience
  current: string | null
  /** Open items per entry, by key: shown as a number and said as "9 open". */
  counts?: Readonly<Record<string, number>> | undefined
}

/** The entries of a staff role, in the rail and in the phone's menu. */
export function RoleNav({ audience, current, counts = {} }: Props) {
  return (
    <nav aria-label="Main">
      <ul className="space-y-0.5">
        {navigation[audience].map((item) => {
          const count = counts[item.key]
          return (
            <li key={item.key}>
              <AppLink
                href={item.href}
                aria-current={item.key === current ? 'page' : undefined}
                className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 py-1.5 font-medium text-rail-ink no-underline hover:bg-rail-current aria-[current]:bg-rail-current aria-[current]:font-semibold aria-[current]:text-[#fff] max-md:min-h-11"
              >
                <Icon name={item.icon} size={18} />
                {item.label}
                {count ? (
                  <span className="ml-auto font-semibold tabular">
                    {count}
                    <span className="sr-only"> open</span>
                  </span>
                ) : null}
              </AppLink>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
