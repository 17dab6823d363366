'use client'

import { useEffect, useRef, useState, type RefObject } from 'react'
import { beforeSignOut, type SavingDetail } from '#components/shell/session-wire.ts'
import { Notice } from '#components/ui/notice.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { DraftSaver, type DraftText, type SaveState } from './draft-saver.ts'

type Props = {
  /** Where drafts are sent (POST). */
  address: string
  noteId: string
  versionId: string
  /** The revision that the page was drawn with; 0 for a draft that does not exist yet. */
  revision: number
  savedAt: string | null
  /** The draft's own page. */
  ownAddress: string
  text: DraftText
  /** The saver of this draft, for the form that signs it. */
  saver: RefObject<DraftSaver | null>
}

/**
 * Saves a draft to the server while it is written: after a pause, on leaving a field, when the page is hidden, and
 * before the session ends. It says so in words, and keeps nothing in the browser.
 */
export function DraftAutosave({
  address,
  noteId,
  versionId,
  revision,
  savedAt,
  ownAddress,
  text,
  saver,
}: Props) {
  const [state, setState] = useState<SaveState>(savedAt ? { kind: 'saved', savedAt } : { kind: 'untouched' })
  const first = useRef({ revision, text })

  useEffect(() => {
    const { revision: atRevision, text: initial } = first.current
    const made = new DraftSaver({
      address,
      noteId,
      versionId,
      revision: atRevision,
      initial,
      onState: setState,
    })
    saver.current = made
    const listening = new AbortController()
    const { signal } = listening
    const saveNow = () => void made.save()
    // Drawn inside of the form: leaving any of its fields bubbles up to the document.
    document.addEventListener('focusout', saveNow, { signal })
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'hidden') void made.save(true)
      },
      { signal },
    )
    window.addEventListener(
      beforeSignOut,
      (event) => {
        if (event instanceof CustomEvent) (event.detail as SavingDetail).waitUntil(made.save(true))
      },
      { signal },
    )
    return () => {
      listening.abort()
      // Going to another page of the chart must not lose the last words.
      void made.save(true).then(() => made.stop())
      saver.current = null
    }
  }, [address, noteId, versionId, ownAddress, saver])

  useEffect(() => saver.current?.change(text), [text, saver])

  return (
    <>
      <p role="status" className="text-sm text-muted">
        {statusText(state)}
      </p>
      {state.kind === 'conflict' && (
        <Notice tone="warn" title="This draft was changed in another window">
          It is not saved here any more. Copy what you wrote, then reload this page to go on with the newest
          text.
        </Notice>
      )}
      {state.kind === 'signed-out' && (
        <Notice tone="warn" title="You are signed out">
          The last words are not saved. Copy them, sign in again, and open the draft.
        </Notice>
      )}
      {state.kind === 'refused' && (
        <Notice tone="warn" title="Not saved">
          {state.message}
        </Notice>
      )}
    </>
  )
}

function statusText(state: SaveState): string {
  switch (state.kind) {
    case 'untouched':
      return 'We save as you type. After 15 minutes without use we sign you out; your draft stays.'
    case 'unsaved':
      return 'Not saved yet'
    case 'saving':
      return 'Saving…'
    case 'saved':
      return `Saved ${formatDateTimeForStaff(state.savedAt).slice(11)}. Only you can see this draft.`
    case 'failed':
      return 'Not saved: the server did not answer. We keep trying.'
    case 'signed-out':
    case 'conflict':
    case 'refused':
      return 'Not saved'
  }
}
