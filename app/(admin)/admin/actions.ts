'use server'

import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import {
  deactivatePerson,
  endStaffSession,
  reactivatePerson,
  setLastDay,
  setRole,
  type PersonChange,
} from '#lib/accounts/people/change-person.ts'
import { endSessionsOf } from '#lib/accounts/people/end-sessions.ts'
import { invitationInput, invitedRoles } from '#lib/accounts/people/input.ts'
import { invitePerson, renewInvitation } from '#lib/accounts/people/invite-person.ts'
import { openPerson } from '#lib/accounts/people/list-people.ts'
import { unlockPerson } from '#lib/accounts/people/unlock-person.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors, type AskedFactors } from '#lib/auth/second-factors.ts'
import { askText, stepUp } from '#lib/auth/step-up.ts'
import { plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleChange } from '#lib/policy/role-consequences.ts'
import { roleNames } from '#lib/policy/roles.ts'

export type InviteState =
  | {
      kind: 'problems'
      problems: { field: string; message: string }[]
      values: Record<string, string>
      asks?: AskedFactors
    }
  | { kind: 'invited'; name: string; code: string }

/** Invites a member of staff; the code is shown once, on the page that answers. */
export async function inviteAction(_: InviteState | null, data: FormData): Promise<InviteState> {
  const actor = await requireActor('admin')
  const values = Object.fromEntries(
    [...data].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  )
  const input = invitationInput.safeParse(values)
  if (!input.success) {
    return {
      kind: 'problems',
      values,
      problems: input.error.issues.map((issue) => ({
        field: String(issue.path[0] ?? ''),
        message: issue.message,
      })),
    }
  }
  const raised = await stepUp(actor, data, 'invite-code')
  if (raised.kind === 'refused') {
    return {
      kind: 'problems',
      values: { ...values, 'invite-code': '', 'invite-code-passkey': '' },
      asks: raised.asks,
      problems: [{ field: 'invite-code', message: raised.message }],
    }
  }
  const invited = await invitePerson(raised.actor, input.data)
  if (invited.kind === 'taken') {
    return {
      kind: 'problems',
      values,
      problems: [
        { field: 'email', message: 'This address has a login already. Everybody has one login of their own' },
      ],
    }
  }
  revalidatePath(paths.admin)
  return { kind: 'invited', name: input.data.name, code: invited.code }
}

const lastAdministrator = 'This is the last administrator. Make somebody else an administrator first.'

export type ChangeState = {
  message: string
  /** the message says why nothing was done */
  isFault?: boolean
  code?: string
  asks?: AskedFactors
  /** what a new role gives and takes, to be confirmed */
  change?: { role: string; name: string; gains: string[]; loses: string[] }
} | null

/** What gives rights asks for a fresh second factor first; taking them away never waits. The database holds it too. */
const givesRights = new Set(['role', 'reactivate', 'unlock', 'invite-again', 'last-day'])

/** Changes a person: role, last day, deactivation, reactivation, unlocking, a new invitation, or the end of one session. */
export async function changePersonAction(_: ChangeState, data: FormData): Promise<ChangeState> {
  let actor = await requireActor('admin')
  const text = (name: string): string => {
    const value = data.get(name)
    return typeof value === 'string' ? value : ''
  }
  const accountId = text('account')
  const nothing = 'Nothing was changed: the person was changed meanwhile, or this cannot be done here.'
  const answer = async (changed: Promise<PersonChange>, message: string): Promise<ChangeState> => {
    const outcome = await changed
    revalidatePath(paths.adminPerson(accountId))
    revalidatePath(paths.adminSignIns)
    if (outcome !== 'code-needed')
      return {
        message: { done: message, nothing, 'last-administrator': lastAdministrator }[outcome],
        isFault: outcome !== 'done',
      }
    const asks = await mySecondFactors(actor)
    return { message: askText(asks), asks }
  }
  if (!/^[0-9a-f-]{36}$/.test(accountId)) return { message: nothing, isFault: true }
  const toConfirm = text('change') === 'role' ? await newRole(actor, accountId, text('role')) : null
  if (text('change') === 'role' && !toConfirm) return { message: 'Choose a role first.', isFault: true }
  if (toConfirm && text('confirmed') !== toConfirm.role) return { message: '', change: toConfirm }
  if (givesRights.has(text('change'))) {
    const raised = await stepUp(actor, data, 'change-code')
    if (raised.kind === 'refused') return { ...raised, ...(toConfirm ? { change: toConfirm } : {}) }
    actor = raised.actor
  }
  switch (text('change')) {
    case 'role': {
      const role = invitedRoles.find((candidate) => candidate === text('role'))
      if (!role) return { message: 'Choose a role first.', isFault: true }
      return answer(
        setRole(actor, accountId, role),
        'The role was changed. The person was signed out everywhere and signs in again with the new role.',
      )
    }
    case 'deactivate':
      return answer(
        deactivatePerson(actor, accountId),
        'The account is deactivated. The person was signed out everywhere.',
      )
    case 'reactivate':
      return answer(reactivatePerson(actor, accountId), 'The account works again.')
    case 'unlock':
      return answer(
        unlockPerson(actor, accountId).then((done) => (done ? 'done' : 'nothing')),
        'The person can try to sign in again.',
      )
    case 'last-day': {
      const lastDay = text('last-day').trim()
      if (lastDay !== '' && !z.iso.date().safeParse(lastDay).success)
        return { message: 'Enter the last day as a date, or leave it empty.', isFault: true }
      return answer(
        setLastDay(actor, accountId, lastDay === '' ? null : lastDay),
        lastDay === '' ? 'No end is set any more.' : 'The end is set. Nobody has to do anything on that day.',
      )
    }
    case 'invite-again': {
      const code = await renewInvitation(actor, accountId)
      return code === null
        ? { message: nothing, isFault: true }
        : { message: 'A new invitation code. The one before stopped working.', code }
    }
    case 'end-sessions': {
      const ended = await endSessionsOf(actor, accountId)
      revalidatePath(paths.adminPerson(accountId))
      return {
        isFault: ended === 0,
        message: ended === 0 ? nothing : `${plural(ended, 'session was', 'sessions were')} ended.`,
      }
    }
    case 'end-session': {
      const session = text('session')
      if (!/^[0-9a-f-]{36}$/.test(session)) return { message: nothing, isFault: true }
      const done = await endStaffSession(actor, session)
      revalidatePath(paths.adminSessions)
      revalidatePath(paths.adminPerson(accountId))
      return { message: done ? 'The session was ended.' : nothing, isFault: !done }
    }
    default:
      return { message: nothing, isFault: true }
  }
}

/** What the person gains and loses by another role; null when there is no such role or person. */
async function newRole(actor: Actor, accountId: string, wanted: string) {
  const role = invitedRoles.find((candidate) => candidate === wanted)
  const person = role && (await openPerson(actor, accountId))
  const before = invitedRoles.find((candidate) => candidate === person?.role)
  return role && before ? { role, name: roleNames[role], ...roleChange(before, role) } : null
}
