import { Icon } from '#components/ui/icon.tsx'
import { paths } from '#lib/paths.ts'

/**
 * Locks the screen of a shared workstation by a POST to the server: the session itself is locked, and the page leaves the screen.
 * Its keys are heard by the SessionGuard of the page.
 */
export function LockButton({ onRail = false }: { onRail?: boolean | undefined }) {
  return (
    <form action={paths.lock} method="post" className="shrink-0">
      <button
        type="submit"
        aria-keyshortcuts="Alt+Shift+L"
        className={
          onRail
            ? 'inline-flex min-h-9 w-full items-center gap-2.5 rounded-lg px-2.5 text-left font-medium text-rail-ink hover:bg-rail-current max-md:min-h-11'
            : 'inline-flex min-h-11 items-center rounded-lg px-2.5 font-semibold text-link hover:bg-info-tint'
        }
      >
        {onRail && <Icon name="lock" size={18} />}
        Lock
      </button>
    </form>
  )
}
