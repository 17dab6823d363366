'use server'

import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { addPasskey, type AddedPasskey } from '#lib/auth/passkey/add-passkey.ts'
import { beginPasskeyRegistration } from '#lib/auth/passkey/begin-passkey.ts'
import { removePasskey } from '#lib/auth/passkey/remove-passkey.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors, type AskedFactors } from '#lib/auth/second-factors.ts'
import { askText } from '#lib/auth/step-up.ts'
import { refusedFully, stepUpFully } from '#lib/auth/step-up-fully.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type PasskeyState = { errors: FieldError[]; asks: AskedFactors; asksPassword?: boolean }
export type BegunPasskey = PasskeyState & { options?: PublicKeyCredentialCreationOptionsJSON }

const name = z.string().trim().min(1).max(60)

/** Begins adding a passkey, after everything was shown again: gives what the device needs to make one. */
export async function beginAddingPasskey(form: FormData): Promise<BegunPasskey> {
  const actor = await requireActor()
  if (!name.safeParse(form.get('passkey-name')).success)
    return {
      asks: false,
      errors: [{ field: 'passkey-name', message: 'Give it a name of up to 60 characters' }],
    }
  const raised = await stepUpFully(actor, form, 'passkey-code')
  if (raised.kind === 'refused') return refusedFully(raised)
  return { asks: false, errors: [], options: await beginPasskeyRegistration(raised.actor) }
}

/** Keeps the passkey that the device has made. */
export async function finishAddingPasskey(givenName: string, answer: string): Promise<PasskeyState> {
  const actor = await requireActor()
  const given = z
    .object({ name, answer: z.string().min(1).max(32_768) })
    .safeParse({ name: givenName, answer })
  const outcome = given.success ? await addPasskey(actor, given.data.answer, given.data.name) : 'wrong'
  if (outcome === 'added') redirect(withQuery(paths.security, { done: 'passkey-added' }))
  return {
    asks: outcome === 'code-needed' && (await mySecondFactors(actor)),
    errors: [{ field: outcome === 'code-needed' ? 'passkey-code' : '', message: notAdded[outcome] }],
  }
}

/** Takes one of the person's passkeys out of use, after everything was shown again. */
export async function endPasskey(_: PasskeyState, form: FormData): Promise<PasskeyState> {
  const actor = await requireActor()
  const field = 'remove-code'
  const raised = await stepUpFully(actor, form, field)
  if (raised.kind === 'refused') return refusedFully(raised)
  const id = z.uuid().safeParse(form.get('passkey'))
  const outcome = id.success ? await removePasskey(raised.actor, id.data) : 'gone'
  if (outcome === 'code-needed') {
    const asks = await mySecondFactors(raised.actor)
    return { asks, errors: [{ field, message: askText(asks) }] }
  }
  if (outcome === 'last')
    return {
      asks: false,
      errors: [{ field: '', message: 'This is your last way to sign in. Add another one first.' }],
    }
  redirect(withQuery(paths.security, { done: outcome === 'removed' ? 'passkey-removed' : null }))
}

const notAdded: Readonly<Record<Exclude<AddedPasskey, 'added'>, string>> = {
  wrong: 'Your device did not give what we asked for. Try again.',
  'start-again': 'That took longer than we may wait. Press the button again.',
  'code-needed': 'Confirm that it is you, then add the passkey again.',
  'too-many': 'You have ten passkeys. Remove one that you do not use any more.',
  taken: 'This passkey is known already.',
}
