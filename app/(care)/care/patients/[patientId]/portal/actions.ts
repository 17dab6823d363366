'use server'

import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors, type AskedFactors } from '#lib/auth/second-factors.ts'
import { askText, stepUp } from '#lib/auth/step-up.ts'
import { handOutCode, type HandOutOutcome } from '#lib/records/portal-access/hand-out-code.ts'
import { deskInput } from '#lib/records/portal-access/input.ts'
import { openPortalAccess } from '#lib/records/portal-access/open-portal-access.ts'
import { idOr404, openedOr404 } from '../../../../opened.ts'

type Problem = { field: string; message: string }

/** Two steps: what was seen, then that it is the same person. */
export type DeskState =
  | { step: 'seen'; documents: string[]; email: string; problems: Problem[] }
  | {
      step: 'confirm'
      documents: string[]
      email: string
      problems: Problem[]
      isSame: boolean
      asks?: AskedFactors
    }
  | { step: 'done'; code: string; again: boolean }

/** Hands out a code after both steps and a fresh second factor; the first step looks at the login and changes nothing. */
export async function handOutAction(
  patientId: string,
  _: DeskState | null,
  data: FormData,
): Promise<DeskState> {
  const actor = await requireActor()
  const id = idOr404(patientId)
  // Each step is asked for at the door: a first step for somebody else's patient is no more let through than the last.
  openedOr404(await openPortalAccess(actor, id))
  const text = (name: string): string => {
    const value = data.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const documents = data.getAll('documents').filter((value) => typeof value === 'string')
  const given = { documents: documents.slice(0, 10), email: text('email').slice(0, 300) }
  const parsed = deskInput.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ field: String(path[0]), message }))
    return { step: 'seen', ...given, problems }
  }
  if (text('back') !== '') return { step: 'seen', ...given, problems: [] }
  const isSame = text('same-person') === 'yes'
  const confirm = (problems: Problem[], asks?: AskedFactors): DeskState => ({
    step: 'confirm',
    ...given,
    problems,
    isSame,
    ...(asks ? { asks } : {}),
  })
  if (text('step') !== 'confirm') return confirm([])
  if (!isSame)
    return confirm([{ field: 'same-person', message: 'Hand out a code only to the patient in front of you' }])
  const raised = await stepUp(actor, data, 'desk-code')
  if (raised.kind === 'refused')
    return confirm([{ field: 'desk-code', message: raised.message }], raised.asks)
  const outcome = await handOutCode(raised.actor, id, parsed.data)
  if (outcome.kind === 'denied' && outcome.reason === 'step-up-needed') {
    const asks = await mySecondFactors(raised.actor)
    return confirm([{ field: 'desk-code', message: askText(asks) }], asks)
  }
  const done = openedOr404(outcome)
  if (done.kind === 'handed-out') return { step: 'done', code: done.code, again: done.again }
  return { step: 'seen', ...given, problems: [problemOf(done.kind)] }
}

function problemOf(kind: Exclude<HandOutOutcome['kind'], 'handed-out'>): Problem {
  switch (kind) {
    case 'taken':
      return {
        field: 'email',
        message: 'This address has a login already. Everybody signs in with an address of their own',
      }
    case 'email-needed':
      return { field: 'email', message: 'Enter the address that the patient will sign in with' }
    case 'own-record':
      return { field: 'documents', message: 'This record bears your own name. Ask a colleague' }
    case 'no-birth-date':
      return { field: 'documents', message: 'The record has no birth date. Have it corrected first' }
    case 'deceased':
      return { field: 'documents', message: 'The record says that the patient has died' }
    case 'changed-meanwhile':
      return {
        field: 'documents',
        message: 'Somebody else changed this login just now. Look at the page again',
      }
  }
}
