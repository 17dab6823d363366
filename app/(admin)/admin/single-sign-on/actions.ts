'use server'

import { revalidatePath } from 'next/cache'
import type { FieldError } from '#components/ui/field-error.ts'
import { changeSingleSignOn, singleSignOnChange } from '#lib/accounts/single-sign-on/change-single-sign-on.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { paths } from '#lib/paths.ts'

export type SingleSignOnState = {
  errors: FieldError[]
  asks: AskedFactors
  said: string | null
  /** a new token, shown once */
  token: string | null
  word: string
  role: string
  /** the button that was pressed: Enter presses it again */
  pressed: string
}

/** Changes how staff sign in through the identity provider, after a fresh second factor. A leaked token is ended without one. */
export async function saveSingleSignOn(
  before: SingleSignOnState,
  form: FormData,
): Promise<SingleSignOnState> {
  const actor = await requireActor('admin')
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value.slice(0, 300) : ''
  }
  const section = text('section').slice(0, 20)
  const [what = '', of] = text('do').split(' ')
  const state: SingleSignOnState = {
    errors: [],
    asks: before.asks,
    said: null,
    token: null,
    word: text('word'),
    role: text('role'),
    pressed: text('do'),
  }
  const given = singleSignOnChange.safeParse({ what, of, word: text('word'), role: text('role') })
  if (!given.success)
    return {
      ...state,
      errors: given.error.issues.map(({ path, message }) => ({
        field: path[0] === 'word' || path[0] === 'role' ? path[0] : '',
        message: path[0] === 'word' || path[0] === 'role' ? message : 'Load the page again.',
      })),
    }
  const code = `${section}-code`
  const raised =
    given.data.what === 'end-token' ? ({ kind: 'fresh', actor } as const) : await stepUp(actor, form, code)
  if (raised.kind === 'refused')
    return { ...state, asks: raised.asks, errors: [{ field: code, message: raised.message }] }
  const outcome = await changeSingleSignOn(raised.actor, given.data)
  revalidatePath(paths.adminSingleSignOn)
  const asks = given.data.what === 'end-token' ? before.asks : false
  if (outcome.kind === 'token') return { ...state, asks, token: outcome.token }
  const refusal = refusals[outcome.word]
  return refusal === undefined
    ? { ...state, asks, word: '', role: '', said: saved[given.data.what] }
    : { ...state, asks, errors: [{ field: '', message: refusal }] }
}

const saved: Readonly<Record<(typeof singleSignOnChange)['_zod']['output']['what'], string>> = {
  'add-word': 'The word was added. It counts from the next sign-in.',
  'remove-word': 'The word was removed. Whoever has a role by it loses it at the next sign-in.',
  'provider-only': 'Saved. Open sessions go on; the next sign-in of this role is through the provider.',
  'both-ways': 'Saved. People of this role can sign in here again, too.',
  'set-emergency': 'Saved. This administrator signs in here, and no more through the provider.',
  'end-emergency': 'Saved. This administrator is like the others now.',
  unlink: 'The link was undone, and the sessions that came from there have ended.',
  'make-token': 'A token was made.',
  'end-token': 'The token was ended.',
}

/** What the database says when it does not do something. */
const refusals: Readonly<Record<string, string>> = {
  taken: 'This word is in the table already.',
  'too-many': 'The table is full: it holds 50 words.',
  own: 'Your own access is for another administrator to change.',
  gone: 'That was changed meanwhile. Look at the list again.',
  nothing: 'Nothing was different, so nothing was saved.',
  false: 'That was changed meanwhile. Look at the list again.',
  'no-claim': 'Give this role a word in the table first: nobody could sign in otherwise.',
  'no-provider':
    'Nobody has signed in through the provider in the last 30 days. Have somebody do so first: otherwise nobody of this role could sign in.',
  'no-emergency':
    'First have an emergency administrator: an administrator who signs in without the provider.',
  'no-factor':
    'This administrator has no password or no second factor here, and could not sign in without the provider.',
  last: 'This is the last emergency administrator. First let administrators in by both ways again.',
}
