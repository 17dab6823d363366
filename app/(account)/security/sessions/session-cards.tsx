import { ButtonRow } from '#components/ui/button-row.tsx'
import { Card } from '#components/ui/card.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { browserName } from '#lib/auth/browser-name.ts'
import type { SignInView } from '#lib/auth/session.ts'
import { EndSessionsForm } from './end-sessions-form.tsx'

type Props = { sessions: SignInView[]; timeOf: (at: Date) => string }

/** Where the person is signed in, with a way to end each, and their last sign-ins. */
export function SessionCards({ sessions, timeOf }: Props) {
  const open = sessions.filter((session) => session.isActive)
  const here = sessions.find((session) => session.isCurrent)?.clientIp ?? null
  return (
    <>
      <Card title="Where you are signed in" icon="devices" flush>
        <OpenSessions sessions={open} here={here} timeOf={timeOf} />
        <div className="border-t border-line px-(--gap) py-4">
          <ButtonRow>
            {open.length > 1 && <EndSessionsForm which="others" label="End all other sessions" />}
            <EndSessionsForm which="all" label="Sign out everywhere" />
          </ButtonRow>
        </div>
      </Card>
      <Card title="Your last sign-ins" icon="clock" flush>
        <RecentSignIns sessions={sessions.slice(0, 10)} here={here} timeOf={timeOf} />
      </Card>
    </>
  )
}

function OpenSessions({ sessions, here, timeOf }: Props & { here: string | null }) {
  return (
    <DataTable
      caption="Open sessions"
      captionHidden
      plain
      rows={sessions}
      rowKey={(session) => session.sessionId}
      empty={null}
      columns={[
        {
          key: 'browser',
          header: 'Device and place',
          rowHeader: true,
          cell: (session) => (
            <>
              <Device session={session} here={here} />
              {session.isLocked && <Tag tone="info">Locked</Tag>}
            </>
          ),
        },
        {
          key: 'used',
          header: 'Last used, and since when',
          cell: (session) => (
            <>
              {timeOf(session.lastActiveAt)}
              <span className="block text-sm text-muted">Signed in {timeOf(session.openedAt)}</span>
            </>
          ),
        },
        {
          key: 'end',
          header: 'End it',
          cell: (session) =>
            session.isCurrent ? (
              <Tag tone="info">This one</Tag>
            ) : (
              <EndSessionsForm
                which={session.sessionId}
                label="End"
                fullLabel={`End the session on ${browserName(session.userAgent)}, last used ${timeOf(session.lastActiveAt)}`}
              />
            ),
        },
      ]}
    />
  )
}

function RecentSignIns({ sessions, here, timeOf }: Props & { here: string | null }) {
  return (
    <DataTable
      caption="Your last ten sign-ins"
      captionHidden
      plain
      rows={sessions}
      rowKey={(session) => session.sessionId}
      empty={null}
      columns={[
        {
          key: 'when',
          header: 'Signed in',
          rowHeader: true,
          cell: (session) => timeOf(session.openedAt),
        },
        {
          key: 'browser',
          header: 'Device and place',
          cell: (session) => <Device session={session} here={here} />,
        },
        { key: 'end', header: 'How it ended', cell: endOf },
      ]}
    />
  )
}

/** A browser, and below it where it is: one column, so that the button beside it stays on the screen of a phone. */
function Device({ session, here }: { session: SignInView; here: string | null }) {
  return (
    <>
      {browserName(session.userAgent)}
      <span className="block text-sm font-normal text-muted">{placeOf(session, here)}</span>
    </>
  )
}

/** The address, and whether it is the one that is used now: no service outside is asked where it lies. */
function placeOf({ clientIp }: SignInView, here: string | null): string {
  if (clientIp === null) return 'Not known'
  return clientIp === here ? `${clientIp}, as now` : clientIp
}

const ends: Readonly<Record<string, string>> = {
  'sign-out': 'You signed out',
  idle: 'Not used for too long',
  expired: 'After its longest time',
  limit: 'You signed in on another device',
  'unlock-failed': 'Not unlocked in five tries',
  'passkey-only': 'Only passkeys count now',
  recovery: 'Your login was set up anew',
  'ended-by-owner': 'You ended it',
  'ended-by-admin': 'An administrator ended it',
  'password-changed': 'Your password was changed',
  'email-changed': 'Your email address was changed',
  'role-changed': 'Your role was changed',
  'account-deactivated': 'Your account was closed',
  locked: 'You locked your account from one of our emails',
  'provider-logout': 'You signed out at your organization',
  'role-withdrawn': 'Your organization took your role back',
}

function endOf(session: SignInView): string {
  if (session.isActive) return session.isLocked ? 'Locked' : 'Still open'
  return ends[session.endReason ?? 'idle'] ?? 'Ended'
}
