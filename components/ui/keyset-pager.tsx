import { AppLink } from './app-link.tsx'
import { buttonClass } from './button-class.ts'
import { Icon } from './icon.tsx'

type Props = {
  /** What is paged, for the name of the navigation: "Audit entries". */
  label: string
  /** Such as "50 entries, newest first". */
  summary?: string | undefined
  newerHref?: string | undefined
  /** The first page, for a list that only steps onward. */
  newestHref?: string | undefined
  olderHref?: string | undefined
}

/** Steps through a list by cursor. There are no page numbers: they shift while entries are added. */
export function KeysetPager({ label, summary, newerHref, newestHref, olderHref }: Props) {
  if (!newerHref && !newestHref && !olderHref)
    return summary ? <p className="text-sm text-muted">{summary}</p> : null
  return (
    <nav aria-label={`${label}: more pages`} className="flex flex-wrap items-center gap-3 print:hidden">
      {summary && <p className="mr-auto text-sm text-muted">{summary}</p>}
      {newestHref && (
        <AppLink href={newestHref} className={buttonClass('secondary')}>
          Newest
        </AppLink>
      )}
      {newerHref && (
        <AppLink href={newerHref} rel="prev" className={buttonClass('secondary')}>
          <Icon name="chevron-left" size={18} />
          Newer
        </AppLink>
      )}
      {olderHref && (
        <AppLink href={olderHref} rel="next" className={buttonClass('secondary')}>
          Older
          <Icon name="chevron-right" size={18} />
        </AppLink>
      )}
    </nav>
  )
}
