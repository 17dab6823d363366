import Link from 'next/link'
import type { ComponentProps } from 'react'

/**
 * The only link between pages. Prefetching is off: Next would otherwise render the page behind a link that merely scrolled into view, and
 * reading a record writes an audit entry, so a list would accuse its reader of opening every record on it.
 */
export function AppLink(props: Omit<ComponentProps<typeof Link>, 'prefetch'>) {
  return <Link {...props} prefetch={false} />
}
