import { useId, type ReactNode } from 'react'

type Props = { title: string; aside?: ReactNode; level?: 2 | 3 | undefined; children: ReactNode }

/** A part of a page under its own heading, outside of any box. */
export function Section({ title, aside, level = 2, children }: Props) {
  const id = useId()
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <section aria-labelledby={id} className="min-w-0">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <Heading id={id}>{title}</Heading>
        {aside && <div className="text-sm text-muted">{aside}</div>}
      </div>
      <div className="space-y-4">{children}</div>
    </section>
  )
}
