import type { Metadata } from 'next'
import { noteClassName } from '#components/my-record/note-class-name.ts'
import { NoteText } from '#components/my-record/note-text.tsx'
import { PrintHeader } from '#components/shell/print-header.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Card } from '#components/ui/card.tsx'
import { Details } from '#components/ui/details.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { now } from '#lib/clock.ts'
import { formatDateForPatient, formatDateTimeForPatient, plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { readNote } from '#lib/records/my-record/read-note.ts'
import type { MyNoteVersionView, MyNoteView } from '#lib/records/my-record/view.ts'
import { openRecord, shown } from '../../open-record.ts'
import { PatientFrame } from '../../patient-frame.tsx'
import { requireRecordId } from '../../record-id.ts'

export const metadata: Metadata = { title: 'Visit note' }

type Props = { params: Promise<{ noteId: string }> }

/** One signed note, with what it said before it was changed. */
export default async function NotePage({ params }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'notes')
  const noteId = requireRecordId((await params).noteId)
  const note = shown(await readNote(actor, record.patientId, noteId))
  return (
    <PatientFrame current="notes" record={record} whose={note.whose} width="reading">
      <PrintHeader
        patientName={note.whose.name}
        birthDate={note.whose.birthDate && formatDateForPatient(note.whose.birthDate)}
        printedAt={formatDateTimeForPatient(now().toISOString())}
      />
      <PageHeader
        title={note.current.title}
        back={{ href: paths.notes, label: 'Visit notes' }}
        lead={
          <>
            <span className="block">{signature(note.current)}</span>
            {note.visit && (
              <span className="block">
                {[`About: ${note.visit.name}, ${formatDateForPatient(note.visit.at)}`, note.visit.location]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            )}
          </>
        }
      />
      <Remarks note={note} />
      <Card>
        <NoteText text={note.current.body} isTakenBack={note.status === 'entered-in-error'} />
      </Card>
      {note.earlier.length > 0 && (
        <Section title={plural(note.earlier.length, 'earlier text', 'earlier texts')}>
          {note.earlier.map((version) => (
            <Details key={version.number} summary={`Version ${version.number}: ${signature(version)}`}>
              {version.reason && <p className="text-muted">Why it was changed then: {version.reason}</p>}
              <NoteText text={version.body} />
            </Details>
          ))}
        </Section>
      )}
      <ButtonRow>
        <PrintButton />
      </ButtonRow>
    </PatientFrame>
  )
}

function signature({ author, signedAt }: MyNoteVersionView): string {
  return `${author ? `${author}, signed` : 'Signed'} ${formatDateTimeForPatient(signedAt)}`
}

function Remarks({ note }: { note: MyNoteView }) {
  const kind = noteClassName(note.class)
  return (
    <>
      {note.status === 'entered-in-error' && (
        <Notice tone="warn" title="This note was taken back">
          It was written by mistake, perhaps about somebody else. It stays here so that nothing is hidden.
        </Notice>
      )}
      {note.status === 'amended' && (
        <Notice title="This note was changed">
          {note.current.reason
            ? `Why: ${note.current.reason.replace(/[.]$/, '')}. What it said before is below.`
            : 'What it said before is below.'}
        </Notice>
      )}
      {kind && (
        <Notice title={`${kind} note`}>
          {note.class === 'substance-use'
            ? 'The law gives notes about substance use more protection (42 CFR Part 2). People you gave access to your record cannot open it.'
            : 'People you gave access to your record cannot open it.'}
        </Notice>
      )}
    </>
  )
}
