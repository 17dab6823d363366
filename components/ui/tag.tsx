import clsx from 'clsx'
import type { ReactNode } from 'react'
import { Shape, type ShapeName } from './shape.tsx'

export type Tone = 'ok' | 'warn' | 'bad' | 'critical' | 'below' | 'emergency' | 'info' | 'neutral'

const looks: Record<Tone, { shape: ShapeName; ground: string }> = {
  ok: { shape: 'check', ground: 'border-ok-line bg-ok-tint text-ok' },
  warn: { shape: 'alert', ground: 'border-warn-line bg-warn-tint text-warn' },
  bad: { shape: 'diamond', ground: 'border-bad-line bg-bad-tint text-bad' },
  critical: { shape: 'double-up', ground: 'border-bad bg-bad text-on-bad' },
  below: { shape: 'down', ground: 'border-below-line bg-below-tint text-below' },
  emergency: { shape: 'star', ground: 'border-emergency-line bg-emergency-tint text-emergency' },
  info: { shape: 'info', ground: 'border-info-line bg-info-tint text-link' },
  neutral: { shape: 'dot', ground: 'border-line-strong bg-inset text-muted' },
}

type Props = {
  tone: Tone
  /** The word that carries the meaning; colour and shape only repeat it. */
  children: ReactNode
  /** Another mark than the tone's own. */
  shape?: ShapeName | undefined
}

/** One or two words in a box: a state, a flag, a warning. */
export function Tag({ tone, children, shape }: Props) {
  return (
    <span
      className={clsx(
        'inline-flex max-w-full items-center gap-1.5 rounded-md border px-2 py-0.5 align-middle text-sm leading-snug font-semibold',
        'print:border-current print:bg-transparent print:text-ink',
        // A short word stays on its line; a phrase may wrap on a phone.
        typeof children === 'string' && children.length <= 24 && 'whitespace-nowrap',
        looks[tone].ground,
      )}
    >
      <Shape name={shape ?? looks[tone].shape} className="size-3" />
      <span className="min-w-0">{children}</span>
    </span>
  )
}
