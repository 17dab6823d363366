import { Card } from '#components/ui/card.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { ConfirmedForm } from '../confirmed-form.tsx'
import { endApp, startApp } from './actions.ts'

type Props = {
  /** when it was set up, in words; null without one */
  enrolledAt: string | null
  /** the role signs in by passkeys */
  passkeyOnly: boolean
  hasPasskey: boolean
}

/** The authenticator app: whether there is one, another in its place, or none as long as a passkey is left. */
export function AppCard({ enrolledAt, passkeyOnly, hasPasskey }: Props) {
  const isOn = enrolledAt !== null
  return (
    <Card
      title="Authenticator app"
      icon="key"
      aside={isOn && !passkeyOnly ? <Tag tone="ok">On</Tag> : undefined}
    >
      <div className="space-y-4">
        {passkeyOnly ? (
          <p>
            Your role signs in by passkey. Codes of an app do not open your account
            {isOn && ', also not those of the one that you set up before'}.
          </p>
        ) : (
          <p>
            {isOn
              ? `You sign in with your password and a code of the app that you set up on ${enrolledAt}.`
              : 'An app on your phone shows six digits. You can use them with your password where a passkey is not at hand.'}
          </p>
        )}
        {!passkeyOnly && (
          <ConfirmedForm
            action={startApp}
            field="app-code"
            label={isOn ? 'Move to another app or phone' : 'Set up an authenticator app'}
            pendingText="One moment…"
          />
        )}
        {isOn && hasPasskey && (
          <ConfirmedForm
            action={endApp}
            field="app-end-code"
            label="Remove the authenticator app"
            pendingText="Removing…"
          />
        )}
        {isOn && !hasPasskey && (
          <p className="text-muted">To remove it, add a passkey first: one of the two has to stay.</p>
        )}
      </div>
    </Card>
  )
}
