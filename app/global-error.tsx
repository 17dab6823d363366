'use client'

import { FailedPage, referenceOf } from '#components/shell/failed-page.tsx'
import { buttonClass } from '#components/ui/button-class.ts'
import { clinic } from '#lib/clinic.ts'
import './globals.css'

/** The last resort: even the document around the pages failed, so this one brings its own. A full reload starts anew. */
export default function GlobalError({ error }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>{`Something went wrong - ${clinic.name}`}</title>
        <FailedPage
          title="We’re sorry, something went wrong"
          reference={referenceOf(error)}
          actions={
            <a href="/" className={buttonClass('primary')}>
              Start again
            </a>
          }
        >
          The portal could not be shown. No part of a record was shown either, and what you saved is safe.
        </FailedPage>
      </body>
    </html>
  )
}
