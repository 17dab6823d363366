'use client'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import Fingerprint from 'lucide/dist/esm/icons/fingerprint-pattern.mjs'
import { useState } from 'react'
import { buttonClass, type ButtonVariant } from '#components/ui/button-class.ts'
import { Drawing } from '#components/ui/drawing.tsx'
import { askPasskey } from './ask-passkey.ts'

type Props = {
  children: string
  variant?: ButtonVariant
  /** Asks the server what the device is to sign. */
  begin: () => Promise<PublicKeyCredentialRequestOptionsJSON | null>
  /** Hands the device's answer to the server; what it says is shown. Nothing is said when it leads to another page. */
  finish: (answer: string) => Promise<{ message: string } | undefined>
}

/** Signs in, or confirms who is there, by the device's own lock: fingerprint, face or its code. */
export function PasskeyButton({ children, variant = 'secondary', begin, finish }: Props) {
  const [state, setState] = useState<{ busy: boolean; message: string }>({ busy: false, message: '' })
  const press = async () => {
    if (state.busy) return
    setState({ busy: true, message: '' })
    const message = await ask(begin, finish).catch(
      () => 'That did not work. Check your connection and try again.',
    )
    setState({ busy: false, message: message ?? '' })
  }
  return (
    <div className="space-y-2">
      <button
        type="button"
        aria-disabled={state.busy || undefined}
        className={`${buttonClass(variant)} aria-disabled:opacity-80`}
        onClick={() => void press()}
      >
        <Drawing of={Fingerprint} size={20} />
        <span aria-live="polite">{state.busy ? 'Waiting for your device…' : children}</span>
      </button>
      <p role="alert" className="text-bad empty:hidden">
        {state.message}
      </p>
    </div>
  )
}

async function ask(begin: Props['begin'], finish: Props['finish']): Promise<string | undefined> {
  const options = await begin()
  if (!options) return 'You have no passkey for this.'
  const device = await askPasskey(options)
  if ('problem' in device) return device.problem
  return (await finish(device.answer))?.message
}
