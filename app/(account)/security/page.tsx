import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { browserName } from '#lib/auth/browser-name.ts'
import { thisClient } from '#lib/auth/client.ts'
import { readMySecurity } from '#lib/auth/my-security.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { SignInView } from '#lib/auth/session.ts'
import { formatDateTimeForPatient, formatDateTimeForStaff, plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { AccountFrame } from '../account-frame.tsx'
import { makeRecoveryCodes } from './actions.ts'
import { AppCard } from './authenticator-app/app-card.tsx'
import { ConfirmedForm } from './confirmed-form.tsx'
import { PasskeyForm } from './passkeys/passkey-form.tsx'
import { PasskeyList } from './passkeys/passkey-list.tsx'
import { PasswordForm } from './password-form.tsx'
import { ProviderCard } from './provider-card.tsx'
import { SessionCards } from './sessions/session-cards.tsx'
import { wordFor } from '../../word-for.ts'

export const metadata: Metadata = { title: 'Sign-in and security' }

const notices: Readonly<Record<string, string>> = {
  'session-ended': 'The session was ended. It cannot be used any more.',
  'sessions-ended': 'All your other sessions were ended. They cannot be used any more.',
  'password-changed': 'Your password was changed. All your other sessions were ended.',
  'passkey-added': 'Your passkey is ready. Next time, choose “Use a passkey”.',
  'passkey-removed': 'The passkey was removed. It opens nothing any more. Delete it on the device too.',
  'app-set': 'Your authenticator app is on. The codes of an app that you had before do not work any more.',
  'app-removed': 'The authenticator app was removed. Its codes open nothing any more.',
  'took-too-long': 'That took longer than we may wait. Nothing has changed; start again.',
  'passkey-only': 'Your role signs in by passkey. An authenticator app cannot be set up.',
  'recovery-code-used':
    'You are signed in. That recovery code is used up. If your phone or device is gone, remove it below and set up another one.',
  'email-asked':
    'We sent a link to the new address. Your address changes when you open it. We told the present one as well.',
  'codes-saved': 'Your new recovery codes are in use. The old ones do not work any more.',
}

/** After these the other sessions may be ended on the spot (ASVS 5.0 7.4.3); a new password ends them by itself. */
const factorChanges = new Set([
  'passkey-added',
  'passkey-removed',
  'app-set',
  'app-removed',
  'codes-saved',
  'recovery-code-used',
])

const isElsewhere = (session: SignInView): boolean => session.isActive && !session.isCurrent

type Props = { searchParams: Promise<{ done?: string | string[] }> }

/** How a person signs in and where they are signed in: the same page for every role, about nobody else. */
export default async function SecurityPage({ searchParams }: Props) {
  const actor = await requireActor()
  const {
    sessions,
    passkeys,
    totpEnrolledAt,
    hasPassword,
    passkeyOnly,
    recoveryCodesLeft,
    asks,
    idleMinutes,
  } = await readMySecurity(actor)
  const browser = browserName((await thisClient()).userAgent)
  const { done } = await searchParams
  return (
    <AccountFrame actor={actor}>
      <PageHeader
        title="Sign-in and security"
        lead="Where you are signed in, and how you prove that it is you."
      />
      <PageStatus>{wordFor(done, notices)}</PageStatus>
      {typeof done === 'string' && factorChanges.has(done) && sessions.some(isElsewhere) && (
        <Notice tone="warn" title="You are signed in somewhere else too">
          What you changed does not sign you out there. If you have lost a device, or do not know one of the
          sessions below, press “End all other sessions”.
        </Notice>
      )}
      {passkeys.length === 0 && (totpEnrolledAt === null || !hasPassword) && (
        <ProviderCard hasApp={totpEnrolledAt !== null} />
      )}
      <SessionCards sessions={sessions} timeOf={(at) => timeFor(actor, at)} />
      <Card title="Passkeys" icon="devices" aside={passkeys.length > 0 ? <Tag tone="ok">On</Tag> : undefined}>
        <div className="space-y-5">
          <p>
            With a passkey you sign in by your fingerprint, your face or the lock of your device, without a
            password and a code. It works on this site alone, so nobody can trick you out of it.
          </p>
          {passkeys.length > 0 && <PasskeyList passkeys={passkeys} timeOf={(at) => timeFor(actor, at)} />}
          <PasskeyForm suggestion={browser} />
        </div>
      </Card>
      <AppCard
        enrolledAt={totpEnrolledAt && timeFor(actor, totpEnrolledAt)}
        passkeyOnly={passkeyOnly}
        hasPasskey={passkeys.length > 0}
      />
      <Card title="Recovery codes" icon="shield-check">
        <div className="space-y-4">
          <p>
            If your phone or device is lost, a recovery code takes its place once. You have{' '}
            <strong>{plural(recoveryCodesLeft, 'unused recovery code', 'unused recovery codes')}</strong> of
            10.
          </p>
          {recoveryCodesLeft <= 2 && (
            <Notice tone="warn" title={recoveryCodesLeft === 0 ? 'No codes are left' : 'Few codes are left'}>
              Make new ones, so that you can always get in.
            </Notice>
          )}
          <ConfirmedForm
            action={makeRecoveryCodes}
            field="codes-code"
            label="Make new recovery codes"
            pendingText="Making codes…"
          />
        </div>
      </Card>
      <Card title="Password" icon="key">
        <PasswordForm asks={asks} />
      </Card>
      <Card title="Email address">
        <p>
          You sign in with it, and we write to you there when something about your sign-in changes.{' '}
          <AppLink href={paths.securityEmail}>Change your email address</AppLink>
        </p>
      </Card>
      <Notice title="When we sign you out">
        We sign you out after {idleMinutes} minutes without use, and ask you two minutes before. Whatever you
        do, a session lasts at most {actor.role === 'patient' || actor.role === 'proxy' ? '8' : '12'} hours.
        Drafts that you are writing are kept. When you leave a shared computer for a moment, press Lock, or
        Alt + Shift + L: your second factor opens it again.
      </Notice>
    </AccountFrame>
  )
}

function timeFor(actor: Actor, at: Date): string {
  const iso = at.toISOString()
  return actor.role === 'patient' || actor.role === 'proxy'
    ? formatDateTimeForPatient(iso)
    : formatDateTimeForStaff(iso)
}
