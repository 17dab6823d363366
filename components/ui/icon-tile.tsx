import clsx from 'clsx'
import { Icon, type IconName } from './icon.tsx'
import type { Tone } from './tag.tsx'

const grounds: Record<Tone, string> = {
  info: 'bg-info-tint text-link',
  bad: 'bg-bad-tint text-bad',
  critical: 'bg-bad text-on-bad',
  below: 'bg-below-tint text-below',
  warn: 'bg-warn-tint text-warn',
  ok: 'bg-ok-tint text-ok',
  emergency: 'bg-emergency-tint text-emergency',
  neutral: 'bg-inset text-muted',
}

/** An icon on a tinted square, at the head of a row or a card. */
export function IconTile({ icon, tone = 'info' }: { icon: IconName; tone?: Tone | undefined }) {
  return (
    <span className={clsx('grid size-10 shrink-0 place-items-center rounded-xl print:hidden', grounds[tone])}>
      <Icon name={icon} />
    </span>
  )
}
