import { AppLink } from '#components/ui/app-link.tsx'
import { Icon } from '#components/ui/icon.tsx'

/** For someone who acts for another person: whose record this is, on every page of it. `switchHref` leads to the own record, if there is one. */
export function ProxyBanner({ name, switchHref }: { name: string; switchHref?: string | undefined }) {
  return (
    <section aria-label="Whose record this is" className="border-b border-warn-line bg-warn-tint text-warn">
      <div className="mx-auto flex max-w-patient flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 sm:px-6">
        <Icon name="users" />
        <p>
          You are viewing <strong>{name}</strong>’s record
        </p>
        {switchHref && (
          <AppLink
            href={switchHref}
            className="ml-auto inline-flex min-h-6 items-center font-semibold text-warn print:hidden"
          >
            Switch record
          </AppLink>
        )}
      </div>
    </section>
  )
}
