import clsx from 'clsx'
import type { ReactNode } from 'react'
import { AppLink } from '#components/ui/app-link.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { clinic } from '#lib/clinic.ts'
import { paths } from '#lib/paths.ts'
import { Brand } from './brand.tsx'
import { HelpFooter } from './help-footer.tsx'
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
  /** `reading` for one thing to read, `wide` for an overview. */
  width?: 'reading' | 'wide' | undefined
  children: ReactNode
}

/** The frame of every page for patients and those who act for them: a quiet bar above, tabs at the thumb on a phone, help below. */
export function PatientShell({ current, name, banner, guard, width = 'wide', children }: Props) {
  return (
    <div className="flex min-h-dvh flex-col max-sm:pb-[4.75rem]">
      <header className="border-b border-line bg-card print:hidden">
        <div className="mx-auto flex h-14 max-w-patient items-center gap-x-2 px-4 sm:h-16 sm:px-6">
          <Brand name={clinic.name} href={paths.home} />
          <PatientNav current={current} />
          <div className="ml-auto flex items-center">
            <AppLink
              href={paths.security}
              aria-current={current === 'security' ? 'page' : undefined}
              className="inline-flex min-h-11 items-center rounded-lg px-2.5 font-semibold no-underline hover:bg-info-tint aria-[current]:bg-info-tint"
            >
              Security
            </AppLink>
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
      <HelpFooter signedInAs={name ?? undefined} />
      {guard}
    </div>
  )
}

/** One list for both places: words in the bar on a wide screen, icons over short words at the bottom of a phone. */
function PatientNav({ current }: { current: string | null }) {
  return (
    <nav
      aria-label="Main"
      className="z-20 max-sm:fixed max-sm:inset-x-0 max-sm:bottom-0 max-sm:border-t max-sm:border-line max-sm:bg-card max-sm:pb-[env(safe-area-inset-bottom)] sm:ml-3"
    >
      <ul className="flex max-sm:justify-around sm:gap-1">
        {navigation.patient.map((item) => (
          <li key={item.key} className="max-sm:min-w-0 max-sm:flex-1">
            <AppLink
              href={item.href}
              aria-current={item.key === current ? 'page' : undefined}
              className={clsx(
                'flex min-h-11 items-center rounded-lg font-medium text-muted no-underline aria-[current]:font-semibold aria-[current]:text-link',
                'max-sm:min-h-16 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:text-center max-sm:text-xs max-sm:leading-tight',
                'sm:px-3 sm:text-base sm:hover:bg-inset sm:aria-[current]:bg-info-tint',
              )}
            >
              <Icon name={item.icon} size={22} className="sm:hidden" />
              <span className="sm:hidden">{item.short}</span>
              <span className="whitespace-nowrap max-sm:hidden">{item.label}</span>
            </AppLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}
