'use client'

import Printer from 'lucide/dist/esm/icons/printer.mjs'
import { Button } from './button.tsx'
import { Drawing } from './drawing.tsx'

/** Opens the browser's print window, where "Save as PDF" lives too. */
export function PrintButton({ children = 'Print or save' }: { children?: string | undefined }) {
  return (
    <Button variant="secondary" icon={<Drawing of={Printer} size={18} />} onClick={() => window.print()}>
      {children}
    </Button>
  )
}
