import { Icon } from '#components/ui/icon.tsx'
import { paths } from '#lib/paths.ts'

/**
 * Ends the session by a POST to the server, with or without a script: the answer must delete the cookie, or the browser could restore
 * the page that was left from its back/forward cache.
 */
export function SignOutButton({ onRail = false }: { onRail?: boolean | undefined }) {
  return (
    <form action={paths.signOut} method="post" className="shrink-0">
      <button
        type="submit"
        className={
          onRail
            ? 'inline-flex min-h-9 w-full items-center gap-2.5 rounded-lg px-2.5 text-left font-medium text-rail-ink hover:bg-rail-current max-md:min-h-11'
            : 'inline-flex min-h-11 items-center rounded-lg px-2.5 font-semibold text-link hover:bg-info-tint'
        }
      >
        {onRail && <Icon name="log-out" size={18} />}
        Sign out
      </button>
    </form>
  )
}
