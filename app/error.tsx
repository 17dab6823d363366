'use client'

import { ProblemPage } from '#components/shell/problem-page.tsx'
import { Button } from '#components/ui/button.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'

/**
 * A page that failed. In production Next hands over nothing of the error but its digest, which is the reference in the log; the message,
 * which may hold a value, never reaches the browser.
 */
export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <ProblemPage
      title="We’re sorry, this page did not load"
      reference={referenceOf(error)}
      actions={
        <>
          <Button onClick={retry}>Try again</Button>
          <LinkButton href="/" variant="secondary">
            Go to your start page
          </LinkButton>
        </>
      }
    >
      <p>
        Something went wrong on our side. No part of a record was shown. What you had already saved is safe.
      </p>
    </ProblemPage>
  )
}

function referenceOf(error: unknown): string | undefined {
  return error instanceof Error && 'digest' in error && typeof error.digest === 'string'
    ? error.digest
    : undefined
}
