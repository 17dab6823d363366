'use client'

import { ProblemPage } from '#components/shell/problem-page.tsx'
import { Button } from '#components/ui/button.tsx'
import { clinic } from '#lib/clinic.ts'
import './globals.css'

/** The last resort: even the document around the pages failed, so this one brings its own. A full reload starts anew. */
export default function GlobalError({ error }: { error: unknown; retry: () => void }) {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
  return (
    <html lang="en">
      <body>
        <title>{`Something went wrong - ${clinic.name}`}</title>
        <ProblemPage
          title="We’re sorry, something went wrong"
          reference={digest}
          actions={<Button onClick={() => window.location.assign('/')}>Start again</Button>}
        >
          <p>
            The portal could not be shown. No part of a record was shown either, and what you saved is safe.
          </p>
        </ProblemPage>
      </body>
    </html>
  )
}
