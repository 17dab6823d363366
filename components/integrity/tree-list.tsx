import { formatDateTimeForStaff } from '#lib/format.ts'
import type { TreeView } from '#lib/oversight/integrity/view.ts'

type Props = { trees: readonly TreeView[]; zone: string }

/** Each life of the database: the first, and one more after each restore, with the reason that the operator stated. */
export function TreeList({ trees, zone }: Props) {
  return (
    <ol className="space-y-2">
      {trees.map(({ number, startedAt, reason }) => (
        <li key={number}>
          <strong>Tree {number}</strong>, begun on {formatDateTimeForStaff(startedAt, zone)}
          {reason === null ? ': the first one.' : `: after a restore. “${reason}”`}
        </li>
      ))}
    </ol>
  )
}
