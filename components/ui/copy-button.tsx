'use client'

import Copy from 'lucide/dist/esm/icons/copy.mjs'
import { useState } from 'react'
import { buttonClass } from './button-class.ts'
import { Drawing } from './drawing.tsx'

/** Puts a text on the clipboard and says so. Where the browser refuses, it says that too: the text itself is always on the page. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string | undefined }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  return (
    <span className="inline-flex flex-wrap items-center gap-x-3 gap-y-1 print:hidden">
      <button
        type="button"
        className={buttonClass('secondary')}
        onClick={() => {
          navigator.clipboard.writeText(text).then(
            () => setState('copied'),
            () => setState('refused'),
          )
        }}
      >
        <Drawing of={Copy} size={18} />
        {label}
      </button>
      <span role="status" className="text-sm text-muted">
        {state === 'copied' && 'Copied'}
        {state === 'refused' && 'Your browser did not allow it. Select the text and copy it.'}
      </span>
    </span>
  )
}
