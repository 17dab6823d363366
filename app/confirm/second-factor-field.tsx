'use client'

import { lazy, Suspense, useRef, useState } from 'react'
import { TextInput } from '#components/ui/text-input.tsx'
import type { SecondFactors } from '#lib/auth/second-factors.ts'
import { beginConfirming } from './actions.ts'

/** Comes for people who have a passkey: most pages with this field are at the limit of what a browser may be sent. */
const PasskeyButton = lazy(async () => ({
  default: (await import('#components/auth/passkey-button.tsx')).PasskeyButton,
}))

type Props = {
  /** the field's name, which the action gives to stepUp */
  name: string
  id?: string
  /** what the person can show */
  asks: SecondFactors
  /** why we ask, after "From your authenticator app." */
  why?: string
  error?: string | undefined
}

/**
 * Asks for the second factor again: a code from the app, or a passkey, whose answer is sent with the whole form at once. Draw it in
 * every form whose action calls stepUp; nothing else asks for a code inside a session.
 */
export function SecondFactorField({ name, id, asks, why, error }: Props) {
  const answer = useRef<HTMLInputElement>(null)
  const [isWaiting, setWaiting] = useState(false)
  const send = async (given: string): Promise<undefined> => {
    const form = answer.current?.form
    if (!answer.current || !form) return undefined
    answer.current.value = given
    const buttons = form.querySelectorAll<HTMLButtonElement>('button[type=submit]')
    // Which of two buttons was meant is the person's to say.
    if (buttons.length !== 1) setWaiting(true)
    else {
      form.requestSubmit(buttons[0])
      // An answer is good once.
      answer.current.value = ''
    }
    return undefined
  }
  return (
    <div className="space-y-3">
      {asks.code && (
        <TextInput
          name={name}
          id={id}
          label="One-time code"
          hint={`From your authenticator app.${why ? ` ${why}` : ''}`}
          autoComplete="one-time-code"
          inputMode="numeric"
          width="short"
          maxLength={16}
          error={error}
        />
      )}
      {asks.passkey && (
        <>
          <input type="hidden" name={`${name}-passkey`} ref={answer} />
          <Suspense fallback={null}>
            <PasskeyButton begin={beginConfirming} finish={send}>
              {asks.code ? 'Use a passkey instead' : 'Confirm with a passkey'}
            </PasskeyButton>
          </Suspense>
          <p role="status" className="empty:hidden">
            {isWaiting && 'Your passkey has confirmed it. Now press a button below.'}
          </p>
        </>
      )}
      {!asks.code && error !== undefined && (
        <p id={id ?? name} className="font-semibold text-bad">
          {error}
        </p>
      )}
    </div>
  )
}
