'use client'

import { useEffect, useId, useRef, type ReactNode } from 'react'

type Props = {
  open: boolean
  title: string
  /** Esc, and nothing else by itself: a press beside the dialog does not close it. */
  onClose: () => void
  children: ReactNode
  /** Buttons; the one to be focused first has `autoFocus`. */
  actions: ReactNode
}

/** The browser's modal dialog: it keeps the focus inside, makes the page behind inert, and gives the focus back. */
export function Dialog({ open, title, onClose, children, actions }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    if (open && !element?.open) element?.showModal()
    if (!open && element?.open) element.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      className="m-auto w-[min(32rem,calc(100vw-2rem))] rounded-xl border border-line-strong bg-card p-6 text-ink shadow-dialog"
    >
      <h2 id={id}>{title}</h2>
      <div className="mt-3 space-y-3">{children}</div>
      <div className="mt-6 flex flex-wrap gap-3 max-sm:*:w-full">{actions}</div>
    </dialog>
  )
}
