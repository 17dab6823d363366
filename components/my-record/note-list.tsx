import { Tag } from '#components/ui/tag.tsx'
import { TaskList } from '#components/ui/task-list.tsx'
import { formatDateForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { MyNoteRowView } from '#lib/records/my-record/view.ts'
import { noteClassName } from './note-class-name.ts'

/** Notes as rows, each with its visit and its author. */
export function NoteList({ notes }: { notes: readonly MyNoteRowView[] }) {
  return (
    <TaskList
      headingLevel={2}
      tasks={notes.map((note) => ({
        id: note.id,
        href: paths.note(note.id),
        title: note.title,
        icon: 'file-text',
        description: describe(note),
        aside: <Marks note={note} />,
      }))}
    />
  )
}

/** The day of the visit is left out where the note was signed on it. */
function describe({ visit, author, signedAt }: MyNoteRowView): string {
  const signedOn = formatDateForPatient(signedAt)
  const visitOn = visit && formatDateForPatient(visit.at)
  const about = visit && (visitOn === signedOn ? visit.name : `${visit.name}, ${visitOn}`)
  return [about, author ? `${author}, signed ${signedOn}` : `Signed ${signedOn}`].filter(Boolean).join(' · ')
}

function Marks({ note }: { note: MyNoteRowView }) {
  const className = noteClassName(note.class)
  if (!className && note.status === 'signed') return null
  return (
    <span className="flex flex-wrap gap-2">
      {className && <Tag tone="neutral">{className}</Tag>}
      {note.status === 'amended' && <Tag tone="info">Changed</Tag>}
      {note.status === 'entered-in-error' && <Tag tone="warn">Taken back</Tag>}
    </span>
  )
}
