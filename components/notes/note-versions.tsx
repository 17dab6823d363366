import { Card } from '#components/ui/card.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { NoteVersionView } from '#lib/records/notes/view.ts'

/** All signed texts of a note, the newest first and each whole: what was replaced stays readable. */
export function NoteVersions({ versions }: { versions: readonly NoteVersionView[] }) {
  return (
    <div className="max-w-reading space-y-4">
      {versions.map((version, index) => (
        <Card key={version.id} title={heading(version, index, versions.length)} aside={meta(version)}>
          {version.reason && (
            <p className="mb-3 border-b border-line pb-3">
              <span className="font-semibold">Why it was amended:</span> {version.reason}
            </p>
          )}
          <p className="whitespace-pre-wrap">{version.body}</p>
        </Card>
      ))}
    </div>
  )
}

function heading(version: NoteVersionView, index: number, count: number): string {
  if (count === 1) return version.title
  return index === 0
    ? `${version.title} (current text)`
    : `${version.title} (text ${version.number} of ${count}, replaced)`
}

function meta(version: NoteVersionView): string {
  return [version.authorName, `signed ${formatDateTimeForStaff(version.signedAt)}`].filter(Boolean).join(', ')
}
