import { AppLink } from '#components/ui/app-link.tsx'
import { clinic } from '#lib/clinic.ts'
import { paths } from '#lib/paths.ts'
import { ClinicPhone } from './clinic-phone.tsx'

/** Help stands in the same place on every page (WCAG 3.2.6), with how long a session may rest (WCAG 2.2.6). */
export function HelpFooter({
  signedInAs,
  resting = true,
  withSecurity = false,
}: {
  signedInAs?: string | undefined
  resting?: boolean | undefined
  /** On a phone, where the bar above has no room for it: the way to passwords, codes and sessions. */
  withSecurity?: boolean | undefined
}) {
  return (
    <footer className="border-t border-line text-sm text-muted print:hidden">
      <div className="mx-auto flex max-w-patient flex-wrap gap-x-8 gap-y-1 px-4 py-5 sm:px-6">
        <p>
          Need help? Call <ClinicPhone />, {clinic.phoneHours}
        </p>
        <p>In an emergency, call {clinic.emergencyNumber}.</p>
        {resting && <p>We sign you out after at most 15 minutes without use.</p>}
        {signedInAs && <p>Signed in as {signedInAs}.</p>}
        {withSecurity && (
          <p className="sm:hidden">
            <AppLink href={paths.security} className="inline-flex min-h-11 items-center">
              Sign-in and security
            </AppLink>
          </p>
        )}
      </div>
    </footer>
  )
}
