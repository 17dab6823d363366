'use server'

import { redirect } from 'next/navigation'
import type { SignState } from '#components/notes/note-editor.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { discardNoteDraft } from '#lib/records/notes/discard-note-draft.ts'
import { draftInput } from '#lib/records/notes/input.ts'
import { signNote } from '#lib/records/notes/sign-note.ts'
import { idOr404, openedOr404 } from '../../../../opened.ts'

/** Signs what stands in the form and shows the signed note. */
export async function signNoteAction(patientId: string, _: SignState, data: FormData): Promise<SignState> {
  const actor = await requireActor()
  const parsed = draftInput.safeParse({ reason: '', ...Object.fromEntries(data) })
  if (!parsed.success) {
    return { problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })) }
  }
  const outcome = openedOr404(await signNote(actor, idOr404(patientId), parsed.data))
  switch (outcome.kind) {
    case 'invalid':
      return { problems: [outcome] }
    case 'conflict':
      return {
        problems: [
          { field: '', message: 'This draft was changed in another window. Reload the page first.' },
        ],
      }
    case 'not-found':
      return { problems: [{ field: '', message: 'This draft is gone, or it is not yours.' }] }
    case 'signed':
    case 'already-signed':
      redirect(withQuery(paths.chartNote(patientId, parsed.data.noteId), { done: 'signed' }))
  }
}

/** Throws the draft away; one that was never saved is simply left. */
export async function discardDraftAction(patientId: string, noteId: string): Promise<void> {
  const actor = await requireActor()
  openedOr404(await discardNoteDraft(actor, idOr404(patientId), idOr404(noteId)))
  redirect(withQuery(paths.chartNotes(patientId), { done: 'discarded' }))
}
