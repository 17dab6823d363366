import type { ReactNode } from 'react'
import { Notice } from '#components/ui/notice.tsx'
import type { KeyKindView } from '#lib/accounts/keys/view.ts'
import { plural } from '#lib/format.ts'

/** What is overdue or due, on top of the administrator's pages. Nothing when all is in time. */
export function KeyAlert({ kinds, more }: { kinds: readonly KeyKindView[]; more?: ReactNode }) {
  const overdue = kinds.filter(({ standing }) => standing === 'overdue')
  const due = kinds.filter(({ standing }) => standing === 'due')
  if (overdue.length === 0 && due.length === 0) return null
  return (
    <div className="space-y-4">
      {overdue.length > 0 && (
        <Notice tone="bad" title="Older than allowed">
          <ul className="space-y-1">
            {overdue.map((kind) => (
              <KeyLine key={kind.kind} kind={kind} />
            ))}
          </ul>
          {due.length === 0 && more}
        </Notice>
      )}
      {due.length > 0 && (
        <Notice tone="warn" title="Due soon">
          <ul className="space-y-1">
            {due.map((kind) => (
              <KeyLine key={kind.kind} kind={kind} />
            ))}
          </ul>
          {more}
        </Notice>
      )}
    </div>
  )
}

function KeyLine({ kind }: { kind: KeyKindView }) {
  return (
    <li>
      {kind.name}: {plural(kind.ageDays ?? 0, 'day')} old, at most {kind.daysMax}. On the server:{' '}
      <code>{kind.command}</code>
    </li>
  )
}
