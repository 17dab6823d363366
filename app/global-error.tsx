'use client'

import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { clinic } from '#lib/clinic.ts'
import './globals.css'

/**
 * The last resort: even the document around the pages failed, so this one brings its own. Every page brings it along in case, so it uses
 * nothing of the rest.
 */
export default function GlobalError({ error }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>{`Something went wrong - ${clinic.name}`}</title>
        <main className="mx-auto w-full max-w-form space-y-6 px-4 pt-12 pb-14 sm:px-6">
          <h1>We’re sorry, something went wrong</h1>
          <p>
            The portal could not be shown. No part of a record was shown either, and what you saved is safe.
          </p>
          <p>
            If it goes on, call us: <ClinicPhone />
          </p>
          {error instanceof Error && 'digest' in error && (
            <p>Reference for the call: {String(error.digest)}</p>
          )}
          <p>
            <a href="/">Start again</a>
          </p>
        </main>
      </body>
    </html>
  )
}
