'use client'

import { lazy, Suspense } from 'react'
import type { ConfirmFieldsProps } from './shown-confirm-fields.tsx'

/** Loaded when a form asks for the first time: most visits to the page never do. */
const ShownConfirmFields = lazy(() => import('./shown-confirm-fields.tsx'))

/** What a form asks for before it changes how somebody signs in: the second factor, and the password where a code is not enough. */
export function ConfirmFields(props: ConfirmFieldsProps) {
  if (!props.asks && !props.asksPassword) return null
  return (
    <Suspense>
      <ShownConfirmFields {...props} />
    </Suspense>
  )
}
