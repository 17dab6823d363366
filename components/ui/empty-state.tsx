import type { ReactNode } from 'react'

type Props = {
  /** One sentence: what would be here. */
  children: ReactNode
  /** The next step, if there is one. */
  action?: ReactNode
  /** Inside a card it brings no frame of its own. */
  plain?: boolean | undefined
}

/** A list without entries says what it is for and what comes next. */
export function EmptyState({ children, action, plain = false }: Props) {
  return (
    <div className={plain ? 'py-1' : 'rounded-xl border border-line bg-card px-5 py-6'}>
      <p className="max-w-[60ch] text-muted">{children}</p>
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}
