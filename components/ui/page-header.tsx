import type { ReactNode } from 'react'
import { AppLink } from './app-link.tsx'
import { FocusHeading } from './focus-heading.tsx'
import { Icon } from './icon.tsx'

type Props = {
  title: string
  /** One quiet line under the heading. */
  lead?: ReactNode
  /** The page above this one. */
  back?: { href: string; label: string } | undefined
  /** Buttons on the right from 640 px, below the heading on a phone. */
  actions?: ReactNode
}

/** The top of a page: the way back, the heading, one line about it, what can be done. */
export function PageHeader({ title, lead, back, actions }: Props) {
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
      <div className="min-w-0">
        {back && (
          <p className="mb-1 text-sm print:hidden">
            <AppLink href={back.href} className="-ml-1 inline-flex min-h-6 items-center gap-1 py-1">
              <Icon name="chevron-left" size={16} />
              {back.label}
            </AppLink>
          </p>
        )}
        <FocusHeading>{title}</FocusHeading>
        {lead && <p className="mt-1 text-muted">{lead}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-3 print:hidden">{actions}</div>}
    </div>
  )
}
