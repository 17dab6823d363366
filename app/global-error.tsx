'use client'

import { buttonClass } from '#components/ui/button-class.ts'
import { clinic } from '#lib/clinic.ts'
import './globals.css'

/**
 * The last resort: even the document around the pages failed, so this one brings its own. A full reload starts anew. Every page loads this
 * file, so it uses as little of the rest as it can.
 */
export default function GlobalError({ error }: { error: unknown; retry: () => void }) {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
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
            If it goes on, call us:{' '}
            <a href={clinic.phoneHref} className="whitespace-nowrap">
              {clinic.phone}
            </a>{' '}
            ({clinic.phoneHours})
          </p>
          {digest && (
            <p className="text-muted">
              Reference for the call: <span className="font-semibold text-ink tabular">{digest}</span>
            </p>
          )}
          <button type="button" className={buttonClass('primary')} onClick={() => location.assign('/')}>
            Start again
          </button>
        </main>
      </body>
    </html>
  )
}
