import type { ReactNode } from 'react'
import { clinic } from '#lib/clinic.ts'
import { paths } from '#lib/paths.ts'
import { Brand } from './brand.tsx'
import { HelpFooter } from './help-footer.tsx'

/**
 * The frame of pages outside of a session: sign-in, second factor, signed out, errors. `resting` says how long a session may rest; it is
 * off where none will start.
 */
export function PublicShell({
  children,
  resting = true,
}: {
  children: ReactNode
  resting?: boolean | undefined
}) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="border-b border-line bg-card print:hidden">
        <div className="mx-auto flex h-14 max-w-patient items-center px-4 sm:h-16 sm:px-6">
          <Brand name={clinic.name} href={paths.signIn} />
        </div>
      </header>
      <main id="main" className="mx-auto w-full max-w-form flex-1 space-y-6 px-4 pt-8 pb-14 sm:px-6 sm:pt-12">
        {children}
      </main>
      <HelpFooter resting={resting} />
    </div>
  )
}
