import clsx from 'clsx'
import type { ReactNode } from 'react'
import { AppLink } from '#components/ui/app-link.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { clinic } from '#lib/clinic.ts'
import { paths } from '#lib/paths.ts'
import { Brand } from './brand.tsx'
import { HelpFooter } from './help-footer.tsx'
import { LockButton } from './lock-button.tsx'
import { navigation, type NavKey } from './navigation.ts'
import { SignOutButton } from './sign-out-button.tsx'

type Props = {
  current: NavKey<'patient'>
  /** Who is signed in; null where the page does not know. */
  name: string | null
  /** A ProxyBanner, when the record is another person's. */
  banner?: ReactNode
  /** components/shell/session-guard.tsx. */
  guard?: ReactNode
  /** Parts of the record that were not granted: they are absent and not greyed out. */
  absent?: readonly NavKey<'patient'>[] | undefined
  /** `reading` for one thing to read, `wide` for an overview. */
  width?: 'reading' | 'wide' | undefined
  children: ReactNode
}

/** The frame of every page for patients and those who act for them: a quiet bar above, tabs at the thumb on a phone, help below. */
export function PatientShell({ current, name, banner, guard, absent = [], width = 'wide', children }: Props) {
  return (
    <div className="flex min-h-dvh flex-col max-md:pb-[4.75rem] print:block print:pb-0">
      <header className="border-b border-line bg-card print:hidden">
        <div className="mx-auto flex h-14 max-w-patient items-center gap-x-2 px-4 sm:h-16 sm:px-6">
          <Brand name={clinic.name} href={paths.home} />
          <PatientNav current={current} absent={absent} />
          <div className="-mr-2.5 ml-auto flex items-center text-base">
            <AppLink
              href={paths.security}
              aria-current={current === 'security' ? 'page' : undefined}
              className="inline-flex min-h-11 items-center rounded-lg px-2.5 font-semibold no-underline hover:bg-info-tint aria-[current]:bg-info-tint max-sm:hidden"
            >
              Security
            </AppLink>
            <LockButton />
            <SignOutButton />
          </div>
        </div>
      </header>
      {banner}
      <main
        id="main"
        className={clsx(
          'mx-auto w-full flex-1 space-y-8 px-4 pt-6 pb-14 sm:px-6 sm:pt-8 print:max-w-none print:space-y-5 print:p-0',
          width === 'reading' ? 'max-w-reading' : 'max-w-patient',
        )}
      >
        {children}
      </main>
      <HelpFooter signedInAs={name ?? undefined} withSecurity />
      {guard}
    </div>
  )
}

/** One list for both places: words in the bar on a wide screen, icons over short words at the bottom of a phone. */
function PatientNav({ current, absent }: { current: string | null; absent: readonly NavKey<'patient'>[] }) {
  const items = navigation.patient.filter(({ key }) => !absent.includes(key))
  if (items.length === 0) return null
  return (
    <nav
      aria-label="Main"
      className="z-20 max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t max-md:border-line max-md:bg-card max-md:pb-[env(safe-area-inset-bottom)] md:ml-3"
    >
      <ul className="flex max-md:justify-around md:gap-1">
        {items.map((item) => (
          <li key={item.key} className="max-md:min-w-0 max-md:flex-1">
            <AppLink
              href={item.href}
              aria-current={item.key === current ? 'page' : undefined}
              className={clsx(
                'flex min-h-11 items-center rounded-lg font-medium text-muted no-underline aria-[current]:font-semibold aria-[current]:text-link',
                'max-md:min-h-16 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-center max-md:text-xs max-md:leading-tight',
                'md:px-3 md:text-base md:hover:bg-inset md:aria-[current]:bg-info-tint',
              )}
            >
              <Icon name={item.icon} size={22} className="md:hidden" />
              <span className="md:hidden">{item.short}</span>
              <span className="whitespace-nowrap max-md:hidden">{item.label}</span>
            </AppLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}
