'use client'

import { useEffect, useSyncExternalStore } from 'react'
import { beforeSignOut, type SavingDetail } from '#components/shell/session-wire.ts'
import { Notice } from '#components/ui/notice.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { DraftSaver, DraftText, SaveState } from './draft-saver.ts'

type Props = {
  saver: DraftSaver
  text: DraftText
  /** The draft's own page. */
  ownAddress: string
}

/**
 * Saves a draft to the server while it is written: after a pause, on leaving a field, when the page is hidden, and
 * before the session ends. It says so in words, and keeps nothing in the browser.
 */
export function DraftAutosave({ saver, text, ownAddress }: Props) {
  const state = useSyncExternalStore(saver.subscribe, saver.state, saver.state)

  useEffect(() => saver.change(text), [saver, text])

  useEffect(() => {
    const listening = new AbortController()
    const { signal } = listening
    // Drawn inside of the form: leaving any of its fields bubbles up to the document.
    document.addEventListener('focusout', () => void saver.save(), { signal })
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'hidden') void saver.save(true)
      },
      { signal },
    )
    window.addEventListener(
      beforeSignOut,
      (event) => {
        if (!(event instanceof CustomEvent)) return
        // A draft that was saved before is as safe as one that is saved now: both let the person be told so.
        const isSafe = saver.save(true).then((saved) => saved || saver.state().kind === 'saved')
        ;(event.detail as SavingDetail).waitUntil(isSafe)
      },
      { signal },
    )
    return () => {
      listening.abort()
      // Going to another page of the chart must not lose the last words.
      void saver.save(true)
    }
  }, [saver])

  useEffect(() => {
    // The address of the draft, once there is one: after a reload or a sign-in the person is back in their text.
    if (state.kind === 'saved' && location.pathname !== ownAddress) history.replaceState(null, '', ownAddress)
  }, [state, ownAddress])

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
      return 'We save as you type. When nothing is done for a while we sign you out; your draft stays.'
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
