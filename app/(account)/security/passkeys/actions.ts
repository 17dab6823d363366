'use server'

import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { addPasskey, type AddedPasskey } from '#lib/auth/passkey/add-passkey.ts'
import { beginPasskeyRegistration, beginPasskeyStepUp } from '#lib/auth/passkey/begin-passkey.ts'
import { listPasskeyIds } from '#lib/auth/passkey/list-passkeys.ts'
import { removePasskey } from '#lib/auth/passkey/remove-passkey.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { stepUpText, stepUpWithPasskey } from '#lib/auth/step-up-with-passkey.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type PasskeyState = { errors: FieldError[]; asksForCode: boolean }
export type BegunPasskey = PasskeyState & { options?: PublicKeyCredentialCreationOptionsJSON }

const name = z.string().trim().min(1).max(60)
const code = z.string().max(64).catch('')

/** Begins adding a passkey, after a fresh second factor: gives what the device needs to make one. */
export async function beginAddingPasskey(givenName: string, givenCode: string): Promise<BegunPasskey> {
  const actor = await requireActor()
  if (!name.safeParse(givenName).success)
    return {
      asksForCode: false,
      errors: [{ field: 'passkey-name', message: 'Give it a name of up to 60 characters' }],
    }
  const raised = await stepUp(actor, code.parse(givenCode))
  if (raised.kind !== 'fresh')
    return { asksForCode: true, errors: [{ field: 'passkey-code', message: stepUpText(raised) }] }
  return { asksForCode: false, errors: [], options: await beginPasskeyRegistration(actor) }
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
    asksForCode: outcome === 'code-needed',
    errors: [{ field: outcome === 'code-needed' ? 'passkey-code' : '', message: notAdded[outcome] }],
  }
}

/** Takes one of the person's passkeys out of use, after a fresh second factor. */
export async function endPasskey(_: PasskeyState, form: FormData): Promise<PasskeyState> {
  const actor = await requireActor()
  const field = 'remove-code'
  const raised = await stepUp(actor, code.parse(form.get(field)))
  if (raised.kind !== 'fresh') return { asksForCode: true, errors: [{ field, message: stepUpText(raised) }] }
  const id = z.uuid().safeParse(form.get('passkey'))
  const outcome = id.success ? await removePasskey(actor, id.data) : 'gone'
  if (outcome === 'code-needed')
    return { asksForCode: true, errors: [{ field, message: stepUpText({ kind: 'code-needed' }) }] }
  redirect(withQuery(paths.security, { done: outcome === 'removed' ? 'passkey-removed' : null }))
}

/** What one of the person's own devices is to sign, to confirm who is at the keyboard; null when they have no passkey. */
export async function beginConfirming(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  const actor = await requireActor()
  const ids = await listPasskeyIds(actor)
  return ids.length === 0 ? null : beginPasskeyStepUp(actor)
}

/** Takes the device's answer in place of a one-time code: for the next five minutes none is asked for. */
export async function confirmByPasskey(answer: string): Promise<{ message: string } | undefined> {
  const actor = await requireActor()
  const given = z.string().min(1).max(8192).safeParse(answer)
  const outcome = given.success ? await stepUpWithPasskey(actor, given.data) : { kind: 'wrong' as const }
  return outcome.kind === 'fresh' ? undefined : { message: stepUpText(outcome) }
}

const notAdded: Readonly<Record<Exclude<AddedPasskey, 'added'>, string>> = {
  wrong: 'Your device did not give what we asked for. Try again.',
  'start-again': 'That took longer than we may wait. Press the button again.',
  'code-needed': 'Enter a one-time code from your app',
  'too-many': 'You have ten passkeys. Remove one that you do not use any more.',
  taken: 'This passkey is known already.',
}
