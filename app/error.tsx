'use client'

import { FailedPage, referenceOf } from '#components/shell/failed-page.tsx'
import { buttonClass } from '#components/ui/button-class.ts'

/**
 * A page that failed. In production Next hands over nothing of the error but its digest, which is the reference in the log; the message,
 * which may hold a value, never reaches the browser.
 */
export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <FailedPage
      title="We’re sorry, this page did not load"
      reference={referenceOf(error)}
      actions={
        <>
          <button type="button" className={buttonClass('primary')} onClick={retry}>
            Try again
          </button>
          <a href="/" className={buttonClass('secondary')}>
            Go to your start page
          </a>
        </>
      }
    >
      Something went wrong on our side. No part of a record was shown. What you had already saved is safe.
    </FailedPage>
  )
}
