import { AppLink } from '#components/ui/app-link.tsx'
import { paths } from '#lib/paths.ts'

export type SubNavItem = { key: string; href: string; label: string }

/** The parts of one record, as links under its banner; on a phone in as many rows as they take, so that none is out of sight. */
export function SubNav({
  label,
  items,
  current,
}: {
  label: string
  items: readonly SubNavItem[]
  current: string
}) {
  return (
    <nav aria-label={label} className="border-b border-line bg-card px-1 sm:px-5 print:hidden">
      <ul className="flex flex-wrap gap-x-1">
        {items.map((item) => (
          <li key={item.key} className="shrink-0">
            <AppLink
              href={item.href}
              aria-current={item.key === current ? 'page' : undefined}
              className="inline-flex min-h-11 items-center border-b-3 border-transparent px-3 font-medium whitespace-nowrap text-muted no-underline hover:text-ink aria-[current]:border-primary aria-[current]:font-semibold aria-[current]:text-link"
            >
              {item.label}
            </AppLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}

export type ChartPart = 'summary' | 'results' | 'vitals' | 'notes' | 'team' | 'portal'

/** The parts of a patient's chart. */
export function ChartNav({ patientId, current }: { patientId: string; current: ChartPart }) {
  return (
    <SubNav
      label="Chart"
      current={current}
      items={[
        { key: 'summary', href: paths.chart(patientId), label: 'Summary' },
        { key: 'results', href: paths.chartResults(patientId), label: 'Results' },
        { key: 'vitals', href: paths.chartVitals(patientId), label: 'Vitals' },
        { key: 'notes', href: paths.chartNotes(patientId), label: 'Notes' },
        { key: 'team', href: paths.chartTeam(patientId), label: 'Care team' },
        { key: 'portal', href: paths.chartPortal(patientId), label: 'Portal login' },
      ]}
    />
  )
}
