import type { Metadata } from 'next'
import { ProblemPage } from '#components/shell/problem-page.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'

export const metadata: Metadata = { title: 'No access' }

/** 403: an area that belongs to another role. It says nothing of what is in it. */
export default function Forbidden() {
  return (
    <ProblemPage
      title="You don’t have access to this page"
      actions={<LinkButton href="/">Go to your start page</LinkButton>}
    >
      <p>
        This part of the portal is for people in another role. If your work needs it, ask the person who
        manages accounts. The attempt was recorded.
      </p>
    </ProblemPage>
  )
}
