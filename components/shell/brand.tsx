import { AppLink } from '#components/ui/app-link.tsx'

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

/** The open eye: Vigil watches who looks. */
export function BrandMark() {
  return (
    <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true" focusable="false" className="shrink-0">
      <rect width="32" height="32" rx="9" fill="#0b4f8a" />
      <g fill="none" stroke="#fff" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <path d="M7 16s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6z" />
        <circle cx="16" cy="16" r="2.8" />
      </g>
    </svg>
  )
}
