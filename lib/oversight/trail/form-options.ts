import 'server-only'

import { clinic } from '#lib/clinic.ts'
import { now } from '#lib/clock.ts'
import { formatAuditTimestamp } from '#lib/format.ts'
import { actions, purposeNames, purposes } from '#lib/policy/access.ts'
import { roleNames, roles, type Role } from '#lib/policy/roles.ts'
import { views } from '#lib/policy/views.ts'
import { trailZones } from './input.ts'
import type { QuestionFormView, TrailFormView } from './view.ts'
import { actionNames } from './words.ts'

type Option = { value: string; label: string }

export type TrailFormOptions = {
  zones: Option[]
  periods: Option[]
  actors: Option[]
  roles: Option[]
  actions: Option[]
  outcomes: Option[]
  views: Option[]
  purposes: Option[]
}

/** Zones to read a local time in, the clinic's first. */
export const zoneOptions: Option[] = trailZones.map((zone) => ({
  value: zone,
  label: zone.replace('_', ' '),
}))

/** The overview's question before anything is typed: today, in the clinic's zone. */
export function emptyQuestion(): QuestionFormView {
  const zone = clinic.timeZone
  const date = formatAuditTimestamp(now().toISOString(), zone).slice(0, 10)
  return { familyName: '', givenName: '', mrn: '', date, time: '', zone }
}

/** What the form's lists offer. */
export function trailFormOptions(
  actors: readonly { accountId: string; name: string; role: string }[],
): TrailFormOptions {
  return {
    zones: zoneOptions,
    actors: actors.map(({ accountId, name, role }) => ({
      value: accountId,
      label: `${name} (${roleNames[role as Role] ?? role})`,
    })),
    actions: actions.map((action) => ({ value: action, label: actionNames[action] ?? action })),
    periods: [
      { value: '24h', label: 'The last 24 hours' },
      { value: '7d', label: 'The last 7 days' },
      { value: '31d', label: 'The last 31 days' },
    ],
    roles: roles.map((role) => ({ value: role, label: roleNames[role] })),
    purposes: purposes.map((purpose) => ({ value: purpose, label: purposeNames[purpose] })),
    outcomes: [
      { value: 'ALLOWED', label: 'Admitted' },
      { value: 'EFFECT', label: 'Carried out' },
      { value: 'DENIED', label: 'Refused' },
    ],
    views: Object.entries(views).map(([view, { about }]) => ({ value: view, label: `${view}: ${about}` })),
  }
}

/** An empty form: the clinic's zone, from midnight to now. */
export function emptyTrailForm(): TrailFormView {
  const zone = clinic.timeZone
  const local = formatAuditTimestamp(now().toISOString(), zone)
  return {
    familyName: '', givenName: '', birthDate: '', mrn: '', from: `${local.slice(0, 10)}T00:00`, to: local.slice(0, 16), zone,
    period: '', actor: '', role: '', action: '', outcome: '', view: '', purpose: '', field: '', emergency: '', unexplained: '', address: '',
    session: '', request: '',
  } // prettier-ignore
}
