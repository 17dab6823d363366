import type { FormHTMLAttributes, ReactNode } from 'react'

type Props = Omit<FormHTMLAttributes<HTMLFormElement>, 'style' | 'className'> & {
  label: string
  /** The Apply button and, when something is set, a link that clears it. */
  actions: ReactNode
  children: ReactNode
}

/** Fields that narrow a list, in a row that wraps. They act when asked to (Apply), never while someone types. */
export function FilterForm({ label, actions, children, ...form }: Props) {
  return (
    <form
      {...form}
      aria-label={label}
      data-card
      className="rounded-xl border border-line bg-card p-(--gap) print:hidden"
    >
      <div className="grid grid-cols-1 items-end gap-x-4 gap-y-4 xs:grid-cols-2 md:grid-cols-4">
        {children}
        <div className="flex flex-wrap items-center gap-3">{actions}</div>
      </div>
    </form>
  )
}
