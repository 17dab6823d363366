import clsx from 'clsx'
import type { ReactNode } from 'react'
import { Icon } from '#components/ui/icon.tsx'
import { Brand } from './brand.tsx'
import { navigation, type NavKey, type StaffAudience } from './navigation.ts'
import { RoleNav } from './role-nav.tsx'
import { SignedInAs, type SignedInPerson } from './signed-in-as.tsx'

type Props<A extends StaffAudience> = {
  audience: A
  current: NavKey<A>
  person: SignedInPerson
  counts?: Readonly<Record<string, number>> | undefined
  /** An IdentityBanner: it stays in sight while the chart scrolls. */
  banner?: ReactNode
  /** A SubNav: the parts of one record. */
  subNav?: ReactNode
  /** components/shell/session-guard.tsx. */
  guard?: ReactNode
  children: ReactNode
}

/** The frame of every staff page: a dark rail on the left, on a phone a bar whose menu is a native popover. */
export function StaffShell<A extends StaffAudience>(props: Props<A>) {
  const { audience, current, person, counts, banner, subNav, guard, children } = props
  return (
    <div
      className={clsx(
        'min-h-dvh md:grid md:grid-cols-[13.5rem_minmax(0,1fr)] print:block',
        audience === 'care' ? 'density-staff' : 'density-desk',
      )}
    >
      <header className="bg-rail text-rail-ink print:hidden">
        <div className="flex max-md:h-14 max-md:items-center max-md:px-4 md:sticky md:top-0 md:h-dvh md:flex-col md:overflow-y-auto md:px-3 md:py-4">
          <div className="md:px-2.5 md:pb-4">
            <Brand name="Vigil" href={navigation[audience][0].href} onRail />
          </div>
          <button
            type="button"
            popoverTarget="staff-menu"
            className="ml-auto inline-flex min-h-11 items-center gap-2 rounded-lg px-3 font-semibold hover:bg-rail-current md:hidden"
          >
            <Icon name="menu" />
            Menu
          </button>
          <div id="staff-menu" popover="auto" className="staff-menu">
            <RoleNav audience={audience} current={current} counts={counts} />
            <div className="mt-auto pt-4">
              <SignedInAs
                person={person}
                current={current === 'security' || current === 'notices' ? current : null}
              />
            </div>
          </div>
        </div>
      </header>
      <div className="flex min-w-0 flex-col">
        {banner}
        {subNav}
        <main
          id="main"
          className="w-full flex-1 space-y-5 px-4 pt-5 pb-12 sm:px-7 sm:pt-6 print:space-y-4 print:p-0"
        >
          {children}
        </main>
      </div>
      {guard}
    </div>
  )
}
