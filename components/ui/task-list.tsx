import type { ReactNode } from 'react'
import { AppLink } from './app-link.tsx'
import { IconTile } from './icon-tile.tsx'
import type { IconName } from './icon.tsx'
import type { Tone } from './tag.tsx'

export type Task = {
  id: string
  href: string
  title: string
  /** One quiet line below the title. */
  description?: ReactNode
  icon?: IconName | undefined
  tone?: Tone | undefined
  /** A tag at the right edge, below the words on a phone; nothing to press, as the row itself is. */
  aside?: ReactNode
}

/** Things to open, each one link with a line about it; the whole row is the target of a finger. `headingLevel` is that of the titles. */
export function TaskList({
  tasks,
  headingLevel = 3,
}: {
  tasks: readonly Task[]
  headingLevel?: 2 | 3 | undefined
}) {
  const Heading = headingLevel === 2 ? 'h2' : 'h3'
  return (
    <ul data-card className="divide-y divide-line rounded-xl border border-line bg-card">
      {tasks.map((task) => (
        <li key={task.id} className="relative flex items-start gap-3.5 px-4 py-4 sm:items-center sm:px-5">
          {task.icon && <IconTile icon={task.icon} tone={task.tone} />}
          <div className="flex min-w-0 flex-1 flex-col gap-x-4 gap-y-2 sm:flex-row sm:items-center">
            <div className="min-w-0 flex-1">
              <Heading className="text-(length:--h3)">
                <AppLink href={task.href} className="after:absolute after:inset-0">
                  {task.title}
                </AppLink>
              </Heading>
              {task.description && <p className="text-sm text-muted">{task.description}</p>}
            </div>
            {task.aside && <div className="shrink-0">{task.aside}</div>}
          </div>
        </li>
      ))}
    </ul>
  )
}
