import { AppLink } from '#components/ui/app-link.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { paths } from '#lib/paths.ts'
import { LockButton } from './lock-button.tsx'
import { SignOutButton } from './sign-out-button.tsx'

export type SignedInPerson = {
  name: string
  /** In words: "Nurse", "Compliance officer". */
  roleName: string
  unreadNotices: number
}

const item =
  'flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 font-medium text-rail-ink no-underline hover:bg-rail-current aria-[current]:bg-rail-current max-md:min-h-11'

/** The foot of the staff rail: who is signed in here, what they were told, their sign-in settings, and the way out. */
export function SignedInAs({
  person,
  current,
}: {
  person: SignedInPerson
  current: 'security' | 'notices' | null
}) {
  return (
    <div className="border-t border-rail-current pt-3">
      <p className="px-2.5 pb-2 text-xs leading-snug text-rail-muted">
        <span className="sr-only">Signed in as </span>
        <span className="block text-sm font-semibold text-rail-ink">{person.name}</span>
        {person.roleName}
      </p>
      <AppLink
        href={paths.notices}
        aria-current={current === 'notices' ? 'page' : undefined}
        className={item}
      >
        <Icon name="bell" size={18} />
        Notices
        {person.unreadNotices > 0 && (
          <span className="ml-auto font-semibold tabular">
            {person.unreadNotices}
            <span className="sr-only"> new</span>
          </span>
        )}
      </AppLink>
      <AppLink
        href={paths.security}
        aria-current={current === 'security' ? 'page' : undefined}
        className={item}
      >
        <Icon name="key" size={18} />
        Sign-in and security
      </AppLink>
      <LockButton onRail />
      <SignOutButton onRail />
    </div>
  )
}
