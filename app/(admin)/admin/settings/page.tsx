import type { Metadata } from 'next'
import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { listRolePolicies } from '#lib/accounts/role-policies/list-role-policies.ts'
import type { RolePolicyView } from '#lib/accounts/role-policies/view.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { plural } from '#lib/format.ts'
import { AdminFrame } from '../../admin-frame.tsx'
import { RolePolicyForm } from './role-policy-form.tsx'

export const metadata: Metadata = { title: 'Sign-in settings' }

type Props = { searchParams: Promise<{ done?: string | string[]; role?: string | string[] }> }

/** What holds for everybody of a role at the sign-in. A clinic can ask for less than Vigil allows, never for more. */
export default async function SettingsPage({ searchParams }: Props) {
  const actor = await requireActor('admin')
  const [policies, { done, role }] = await Promise.all([listRolePolicies(actor), searchParams])
  const name = policies.find((policy) => policy.role === role)?.roleName
  return (
    <AdminFrame actor={actor} current="settings">
      <PageHeader
        title="Sign-in settings"
        lead="How long and on how many devices people stay signed in, and what counts as their second factor."
      />
      <PageStatus>{name === undefined ? undefined : saved(done, name)}</PageStatus>
      <Notice title="What happens when you save">
        It holds from the next click of everybody with that role. Whoever is over a new limit is signed out
        and is told why; drafts are kept. Staff sign in anew at the latest after 12 hours, patients after 8.
      </Notice>
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        {policies.map((policy) => (
          <Card key={policy.role} title={policy.roleName}>
            <div className="space-y-4">
              <p className="text-sm text-muted">
                {plural(policy.people, 'person', 'people')}, {plural(policy.openSessions, 'open session')}
              </p>
              <RolePolicyForm policy={policy} passkeyHint={consequence(policy)} />
            </div>
          </Card>
        ))}
      </div>
    </AdminFrame>
  )
}

function saved(done: string | string[] | undefined, name: string): string | undefined {
  if (done === 'saved') return `${name}: the limits were saved and hold from now on.`
  return done === 'unchanged' ? `${name}: nothing was different, so nothing was saved.` : undefined
}

function consequence({ people, withoutPasskey }: RolePolicyView): string {
  const rule =
    'One-time codes do not open a session any more; recovery codes still help whoever lost a device.'
  if (people === 0) return rule
  return withoutPasskey === 0
    ? `${rule} Everybody has a passkey already.`
    : `${rule} ${withoutPasskey} of ${people} have no passkey yet: they are asked to make one before anything else.`
}
