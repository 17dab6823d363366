'use client'

import { Button } from './button.tsx'

/** Opens the browser's print window, where "Save as PDF" lives too. */
export function PrintButton({ children = 'Print or save' }: { children?: string | undefined }) {
  return (
    <Button variant="secondary" icon="printer" onClick={() => window.print()}>
      {children}
    </Button>
  )
}
