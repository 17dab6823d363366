import clsx from 'clsx'
import type { IconNode } from 'lucide'
import CircleAlert from 'lucide/dist/esm/icons/circle-alert.mjs'
import CircleCheck from 'lucide/dist/esm/icons/circle-check.mjs'
import Info from 'lucide/dist/esm/icons/info.mjs'
import TriangleAlert from 'lucide/dist/esm/icons/triangle-alert.mjs'
import type { ReactNode } from 'react'
import { Drawing } from './drawing.tsx'

type NoticeTone = 'info' | 'ok' | 'warn' | 'bad' | 'emergency'

const looks: Record<NoticeTone, { icon: IconNode; ground: string; ink: string }> = {
  info: { icon: Info, ground: 'border-info-line bg-info-tint', ink: 'text-link' },
  ok: { icon: CircleCheck, ground: 'border-ok-line bg-ok-tint', ink: 'text-ok' },
  warn: { icon: TriangleAlert, ground: 'border-warn-line bg-warn-tint', ink: 'text-warn' },
  bad: { icon: CircleAlert, ground: 'border-bad-line bg-bad-tint', ink: 'text-bad' },
  emergency: {
    icon: TriangleAlert,
    ground: 'border-emergency-line bg-emergency-tint',
    ink: 'text-emergency',
  },
}

type Props = { tone?: NoticeTone | undefined; title?: string | undefined; children: ReactNode }

/** A remark about the page, in a tinted box. It is part of the reading order and interrupts nobody. */
export function Notice({ tone = 'info', title, children }: Props) {
  const look = looks[tone]
  return (
    <div className={clsx('flex gap-3 rounded-xl border px-5 py-4', look.ground)}>
      <Drawing of={look.icon} className={clsx('mt-0.5', look.ink)} />
      <div className="min-w-0 space-y-1">
        {title && <p className={clsx('font-semibold', look.ink)}>{title}</p>}
        {typeof children === 'string' ? <p>{children}</p> : children}
      </div>
    </div>
  )
}
