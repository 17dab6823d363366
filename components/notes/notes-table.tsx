import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { NoteListEntryView } from '#lib/records/notes/view.ts'
import { noteClassNames } from './note-class-name.ts'

/** Notes of a chart, newest first, with drafts of the reader's own among them. */
export function NotesTable({ patientId, notes }: { patientId: string; notes: readonly NoteListEntryView[] }) {
  return (
    <DataTable
      caption="Notes, newest first"
      captionHidden
      rows={notes}
      rowKey={(note) => note.id}
      empty={<EmptyState>Notes that you may read, and your own drafts, stand here.</EmptyState>}
      columns={[
        {
          key: 'title',
          header: 'Note',
          rowHeader: true,
          cell: (note) => <AppLink href={paths.chartNote(patientId, note.id)}>{note.title}</AppLink>,
        },
        { key: 'class', header: 'Class', cell: (note) => noteClassNames[note.noteClass].name },
        { key: 'author', header: 'Author', cell: (note) => note.authorName ?? 'Not recorded' },
        {
          key: 'written',
          header: 'Written',
          nowrap: true,
          cell: (note) => formatDateTimeForStaff(note.signedAt ?? note.authoredAt),
        },
        { key: 'state', header: 'State', cell: (note) => <NoteState note={note} /> },
      ]}
    />
  )
}

function NoteState({ note }: { note: NoteListEntryView }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      {note.status === 'signed' && <span className="text-muted">Signed</span>}
      {note.status === 'amended' && <Tag tone="info">Amended</Tag>}
      {note.status === 'entered-in-error' && <Tag tone="neutral">Entered in error</Tag>}
      {note.hasDraft && (
        <Tag tone="warn">{note.status === 'draft' ? 'Your draft' : 'Your amendment, not signed'}</Tag>
      )}
    </span>
  )
}
