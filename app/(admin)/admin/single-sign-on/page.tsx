import type { Metadata } from 'next'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { invitedRoles } from '#lib/accounts/people/input.ts'
import { readSingleSignOn } from '#lib/accounts/single-sign-on/read-single-sign-on.ts'
import type { SingleSignOnView } from '#lib/accounts/single-sign-on/view.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff } from '#lib/format.ts'
import { roleNames } from '#lib/policy/roles.ts'
import { AdminFrame } from '../../admin-frame.tsx'
import { SectionForm } from './section-form.tsx'

export const metadata: Metadata = { title: 'Single sign-on' }

/** How staff sign in through the organization's identity provider, and how it makes and closes their accounts. */
export default async function SingleSignOnPage() {
  const actor = await requireActor('admin')
  const view = await readSingleSignOn(actor)
  return (
    <AdminFrame actor={actor} current="single-sign-on">
      <PageHeader
        title="Single sign-on"
        lead="Staff can sign in with the account of their organization. Patients never come this way."
      />
      <div className="grid items-start gap-(--gap) lg:grid-cols-2">
        <Card title="Identity provider" icon="shield-check">
          <Provider view={view} />
        </Card>
        <Card title="Roles" icon="users">
          <Roles view={view} />
        </Card>
        <Card title="Only through the provider" icon="lock">
          <ProviderOnly view={view} />
        </Card>
        <Card title="Emergency administrators" icon="triangle-alert">
          <EmergencyAdministrators view={view} />
        </Card>
        <Card title="Provisioning (SCIM)" icon="key">
          <Provisioning view={view} />
        </Card>
        <Card title="Linked people" icon="users">
          <Linked view={view} />
        </Card>
      </div>
    </AdminFrame>
  )
}

type Props = { view: SingleSignOnView }

function Provider({ view: { provider, addresses } }: Props) {
  const register = [
    { label: 'Redirect address', value: <Address text={addresses.redirect} /> },
    { label: 'Back-channel logout', value: <Address text={addresses.logout} /> },
  ]
  if (provider === null)
    return (
      <div className="space-y-4">
        <p>
          None is set up: everybody signs in here. To begin, register these addresses with your provider, and
          put what it gives you into the settings on the server.
        </p>
        <SummaryList items={register} />
      </div>
    )
  return (
    <SummaryList
      items={[
        { label: 'Issuer', value: <Address text={provider.issuer} /> },
        { label: 'Vigil’s name there', value: provider.clientId },
        { label: 'Roles come from', value: provider.roleClaim ?? 'Vigil and SCIM, not the sign-in' },
        { label: 'Second factor, if it says', value: provider.secondFactor.join(', ') },
        ...register,
      ]}
    />
  )
}

const Address = ({ text }: { text: string }) => <span className="break-all">{text}</span>

/** A button in a row of a table, as high as its line and no lower than a finger needs (WCAG 2.5.8). */
function RowButton({ change, label, children }: { change: string; label: string; children: string }) {
  return (
    <button
      type="submit"
      name="do"
      value={change}
      aria-label={label}
      className="min-h-6 cursor-pointer text-left font-semibold text-link underline"
    >
      {children}
    </button>
  )
}

function Roles({ view: { roleClaims } }: Props) {
  return (
    <SectionForm
      section="roles"
      label="Roles"
      add={invitedRoles.map((role) => ({ value: role, label: roleNames[role] }))}
    >
      <Button type="submit" variant="secondary" name="do" value="add-word">
        Add
      </Button>
      <DataTable
        caption="Words and the roles they stand for; somebody with several has the first"
        plain
        rows={roleClaims}
        rowKey={({ id }) => id}
        empty={
          <EmptyState plain>
            No word stands for a role yet, so nobody can sign in through the provider.
          </EmptyState>
        }
        columns={[
          { key: 'word', header: 'Word', rowHeader: true, cell: ({ word }) => <Address text={word} /> },
          { key: 'role', header: 'Role', cell: ({ role }) => roleNames[role] },
          {
            key: 'change',
            header: 'Change',
            cell: ({ id, word }) => (
              <RowButton change={`remove-word ${id}`} label={`Remove ${word}`}>
                Remove
              </RowButton>
            ),
          },
        ]}
      />
    </SectionForm>
  )
}

function ProviderOnly({ view: { provider, roles } }: Props) {
  return (
    <SectionForm section="ways" label="Only through the provider">
      {provider === null && roles.some(({ providerOnly }) => providerOnly) ? (
        <Notice tone="warn" title="Some people cannot sign in">
          No provider is set up, and roles below come in only through it. Allow both ways for them, or put the
          provider’s settings back on the server.
        </Notice>
      ) : null}
      <p>
        People of such a role cannot sign in with a password or passkey of Vigil. Emergency administrators
        always can.
      </p>
      <DataTable
        caption="How each role signs in"
        captionHidden
        plain
        rows={roles}
        rowKey={({ role }) => role}
        empty={null}
        columns={[
          { key: 'role', header: 'Role', rowHeader: true, cell: ({ role }) => roleNames[role] },
          {
            key: 'way',
            header: 'Signs in',
            cell: ({ providerOnly }) => (providerOnly ? 'Only through the provider' : 'By both ways'),
          },
          {
            key: 'change',
            header: 'Change',
            cell: ({ role, providerOnly }) => (
              <RowButton
                change={`${providerOnly ? 'both-ways' : 'provider-only'} ${role}`}
                label={`${providerOnly ? 'Allow both' : 'Provider only'}: ${roleNames[role]}`}
              >
                {providerOnly ? 'Allow both' : 'Provider only'}
              </RowButton>
            ),
          },
        ]}
      />
    </SectionForm>
  )
}

function EmergencyAdministrators({ view: { administrators } }: Props) {
  return (
    <SectionForm section="emergency" label="Emergency administrators">
      <p>
        They sign in here even when the provider is down, and the provider can neither sign them in nor change
        or close them. Another administrator decides who is one.
      </p>
      <DataTable
        caption="Administrators"
        captionHidden
        plain
        rows={administrators}
        rowKey={({ accountId }) => accountId}
        empty={null}
        columns={[
          { key: 'name', header: 'Name', rowHeader: true, cell: ({ name }) => name },
          {
            key: 'state',
            header: 'Emergency',
            cell: ({ isEmergency }) => (isEmergency ? 'Yes' : 'No'),
          },
          {
            key: 'change',
            header: 'Change',
            cell: ({ accountId, name, isEmergency, isSelf }) =>
              isSelf ? (
                <span className="text-muted">You</span>
              ) : (
                <RowButton
                  change={`${isEmergency ? 'end-emergency' : 'set-emergency'} ${accountId}`}
                  label={`${isEmergency ? 'Take back' : 'Make one'}: ${name}`}
                >
                  {isEmergency ? 'Take back' : 'Make one'}
                </RowButton>
              ),
          },
        ]}
      />
    </SectionForm>
  )
}

function Provisioning({ view: { addresses, scimTokens } }: Props) {
  return (
    <SectionForm section="scim" label="Provisioning">
      <p>
        Lets the provider make and close accounts of staff, and put people into the groups that give roles. A
        new token leaves the one before working for seven days at most.
      </p>
      <SummaryList items={[{ label: 'Address', value: <Address text={addresses.scim} /> }]} />
      <DataTable
        caption="Tokens"
        captionHidden
        plain
        rows={scimTokens}
        rowKey={({ id }) => id}
        empty={
          <EmptyState plain>There is no token, so the provider cannot make or close accounts.</EmptyState>
        }
        columns={[
          {
            key: 'made',
            header: 'Made',
            rowHeader: true,
            nowrap: true,
            cell: ({ madeAt }) => formatDateForStaff(madeAt),
          },
          {
            key: 'until',
            header: 'Good until',
            nowrap: true,
            cell: ({ expiresAt }) => formatDateForStaff(expiresAt),
          },
          {
            key: 'used',
            header: 'Last used',
            nowrap: true,
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : formatDateForStaff(lastUsedAt)),
          },
          {
            key: 'change',
            header: 'Change',
            cell: ({ id, madeAt }) => (
              <RowButton change={`end-token ${id}`} label={`End the token of ${formatDateForStaff(madeAt)}`}>
                End
              </RowButton>
            ),
          },
        ]}
      />
      <Button type="submit" variant="secondary" name="do" value="make-token">
        Make a new token
      </Button>
    </SectionForm>
  )
}

function Linked({ view: { linked } }: Props) {
  return (
    <SectionForm section="linked" label="Linked people">
      <DataTable
        caption="Linked people"
        captionHidden
        plain
        rows={linked}
        rowKey={({ id }) => id}
        empty={<EmptyState plain>Nobody has signed in through the provider yet.</EmptyState>}
        columns={[
          { key: 'name', header: 'Name', rowHeader: true, cell: ({ name }) => name },
          { key: 'role', header: 'Role', cell: ({ role }) => roleNames[role] },
          {
            key: 'used',
            header: 'Last came',
            nowrap: true,
            cell: ({ lastUsedAt }) => formatDateForStaff(lastUsedAt),
          },
          {
            key: 'change',
            header: 'Change',
            cell: ({ id, name }) => (
              <RowButton change={`unlink ${id}`} label={`Unlink ${name}`}>
                Unlink
              </RowButton>
            ),
          },
        ]}
      />
    </SectionForm>
  )
}
