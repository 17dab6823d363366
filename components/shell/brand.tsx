import { AppLink } from '#components/ui/app-link.tsx'
import { BrandMark } from './brand-mark.tsx'

/** The clinic's name beside the open eye. Leads to where the reader starts. */
export function Brand({
  name,
  href,
  onRail = false,
}: {
  name: string
  href: string
  onRail?: boolean | undefined
}) {
  return (
    <AppLink
      href={href}
      className={`inline-flex min-h-11 items-center gap-2.5 text-lg leading-tight font-bold no-underline ${onRail ? 'text-rail-ink' : 'text-ink'}`}
    >
      <BrandMark />
      <span className={onRail ? undefined : 'max-xs:sr-only'}>{name}</span>
    </AppLink>
  )
}
