import type { Metadata } from 'next'
import { ProblemPage } from '#components/shell/problem-page.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'

export const metadata: Metadata = { title: 'Page not found' }

/**
 * 404: for addresses that never were and for records the caller may not know to exist alike. It is word for word the same page, or it
 * would tell the two apart.
 */
export default function NotFound() {
  return (
    <ProblemPage
      title="We can’t find that page"
      actions={<LinkButton href="/">Go to your start page</LinkButton>}
    >
      <p>The address may have changed, or it may have been typed wrong. Nothing you saved is lost.</p>
    </ProblemPage>
  )
}
