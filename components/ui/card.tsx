import clsx from 'clsx'
import { useId, type ReactNode } from 'react'
import { IconTile } from './icon-tile.tsx'
import type { IconName } from './icon.tsx'
import type { Tone } from './tag.tsx'

type Props = {
  title?: string | undefined
  icon?: IconName | undefined
  tone?: Tone | undefined
  /** On the right of the title: a tag, a time, a link. */
  aside?: ReactNode
  /** A card that holds a list or a table brings no padding of its own below the title. */
  flush?: boolean | undefined
  level?: 2 | 3 | undefined
  children: ReactNode
}

/** A white box with a heading. With a title it is a section of that name. */
export function Card({ title, icon, tone, aside, flush = false, level = 2, children }: Props) {
  const id = useId()
  const Heading = level === 2 ? 'h2' : 'h3'
  const box = 'min-w-0 rounded-xl border border-line bg-card'
  if (!title)
    return (
      <div data-card className={clsx(box, !flush && 'p-(--gap)')}>
        {children}
      </div>
    )
  return (
    <section data-card aria-labelledby={id} className={box}>
      <div className="flex flex-wrap items-center gap-x-3.5 gap-y-2 px-(--gap) pt-(--gap)">
        <div className="flex min-w-0 items-center gap-3.5">
          {icon && <IconTile icon={icon} tone={tone} />}
          <Heading id={id}>{title}</Heading>
        </div>
        {aside && <div className="ml-auto text-sm wrap-anywhere text-muted">{aside}</div>}
      </div>
      <div className={flush ? 'pt-3' : 'p-(--gap) pt-3'}>{children}</div>
    </section>
  )
}
