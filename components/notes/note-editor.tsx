'use client'

import { useActionState, useState, type FormEvent } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor, type FieldError } from '#components/ui/field-error.ts'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextArea } from '#components/ui/text-area.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { NoteClass, VisitChoiceView } from '#lib/records/notes/view.ts'
import { DraftAutosave } from './draft-autosave.tsx'
import { DraftSaver, type DraftText } from './draft-saver.ts'
import { noteClassNames } from './note-class-name.ts'

export type SignState = { problems: FieldError[] } | null

type Props = {
  draftAddress: string
  /** The page of this note: from the first save on, reloading or coming back leads there. */
  ownAddress: string
  noteId: string
  versionId: string
  revision: number
  savedAt: string | null
  initial: { noteClass: NoteClass; encounterId: string | null; title: string; body: string; reason: string }
  /** The classes that this person can write; class and visit of a signed note are for good, so an amendment has none to choose. */
  classes: readonly NoteClass[]
  visits: readonly VisitChoiceView[]
  isAmendment: boolean
  limits: { title: number; body: number; reason: number }
  sign: (state: SignState, data: FormData) => Promise<SignState>
  discard: () => Promise<void>
}

/** Where a note is written: plain text, saved as it is typed, signed when it is done. */
export function NoteEditor(props: Props) {
  const { noteId, versionId, isAmendment, classes, visits, limits, initial } = props
  const [text, setText] = useState<DraftText>({ ...initial, encounterId: initial.encounterId ?? '' })
  const [saver] = useState(() => new DraftSaver({ ...saverSettings(props), initial: text }))
  const [state, submit] = useActionState(async (before: SignState, data: FormData) => {
    // The newest revision is known only when the last save is back.
    await saver.pause()
    data.set('revision', String(saver.revision))
    const after = await props.sign(before, data)
    // Still here: something is missing, so writing goes on.
    saver.resume()
    return after
  }, null)
  const set = (part: keyof DraftText) => (event: { target: { value: string } }) => {
    const { value } = event.target
    setText((now) => ({ ...now, [part]: value }))
  }
  const chooseClass = (event: FormEvent<HTMLDivElement>) => {
    if (event.target instanceof HTMLInputElement) set('noteClass')({ target: event.target })
  }
  const error = (field: string) => errorFor(state?.problems, field)
  return (
    <form action={submit} className="max-w-reading space-y-4" noValidate autoComplete="off">
      {state && <ErrorSummary errors={state.problems} />}
      <input type="hidden" name="noteId" value={noteId} />
      <input type="hidden" name="versionId" value={versionId} />
      {isAmendment || classes.length < 2 ? (
        <input type="hidden" name="noteClass" value={text.noteClass} />
      ) : (
        <div onChange={chooseClass}>
          <RadioGroup
            name="noteClass"
            legend="Who may read it"
            defaultValue={text.noteClass}
            options={classes.map((each) => ({
              value: each,
              label: noteClassNames[each].name,
              hint: noteClassNames[each].readers,
            }))}
          />
        </div>
      )}
      {isAmendment ? (
        <input type="hidden" name="encounterId" value={text.encounterId} />
      ) : (
        <Select
          name="encounterId"
          label="Visit"
          optional
          width="medium"
          emptyLabel="Not about a visit"
          options={visits.map((visit) => ({
            value: visit.id,
            label: `${formatDateTimeForStaff(visit.at).slice(0, 10)} ${visit.name}`,
          }))}
          value={text.encounterId}
          onChange={set('encounterId')}
        />
      )}
      {isAmendment && (
        <TextInput
          name="reason"
          label="Why the note is amended"
          hint="It stands beside the new text. The text that is signed stays too."
          value={text.reason}
          onChange={set('reason')}
          error={error('reason')}
          maxLength={limits.reason}
          autoComplete="off"
        />
      )}
      <TextInput
        name="title"
        label="Title"
        value={text.title}
        onChange={set('title')}
        error={error('title')}
        maxLength={limits.title}
        autoComplete="off"
      />
      <TextArea
        name="body"
        label="Note"
        rows={16}
        limit={limits.body}
        value={text.body}
        onChange={set('body')}
        error={error('body')}
      />
      <DraftAutosave saver={saver} text={text} ownAddress={props.ownAddress} />
      <ButtonRow>
        <SubmitButton pendingText="Signing…">{isAmendment ? 'Sign amendment' : 'Sign note'}</SubmitButton>
        <Discard
          onDiscard={async () => {
            await saver.pause()
            await props.discard()
          }}
        />
      </ButtonRow>
    </form>
  )
}

function saverSettings({ draftAddress, noteId, versionId, revision, savedAt }: Props) {
  return { address: draftAddress, noteId, versionId, revision, savedAt }
}

/** Throwing away is asked about once: unlike everything else here it cannot be taken back. */
function Discard({ onDiscard }: { onDiscard: () => Promise<void> }) {
  const [isAsking, setIsAsking] = useState(false)
  return (
    <>
      <Button variant="secondary" onClick={() => setIsAsking(true)}>
        Discard draft
      </Button>
      <Dialog
        open={isAsking}
        title="Throw this draft away?"
        onClose={() => setIsAsking(false)}
        actions={
          <>
            <Button variant="secondary" onClick={() => setIsAsking(false)}>
              Keep writing
            </Button>
            <Button variant="danger" onClick={() => void onDiscard()}>
              Throw it away
            </Button>
          </>
        }
      >
        <p>What you wrote here is deleted and cannot be brought back. Signed texts stay.</p>
      </Dialog>
    </>
  )
}
