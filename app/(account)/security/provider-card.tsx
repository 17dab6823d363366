import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { singleSignOnButton } from '#lib/auth/single-sign-on/has-single-sign-on.ts'
import { paths } from '#lib/paths.ts'

/**
 * For somebody who comes in through the identity provider and has nothing of Vigil to confirm with, or an authenticator app alone:
 * signing in there once more, in person, is a fresh sign-in for five minutes. Draws nothing without a provider.
 */
export function ProviderCard({ hasApp }: { hasApp: boolean }) {
  const button = singleSignOnButton()
  if (button === null) return null
  return (
    <Card title="Confirm through your organization">
      <form method="post" action={paths.signInWithProvider} className="space-y-4">
        <p>
          {hasApp
            ? 'You have neither a passkey nor a password here, and a code alone does not change how you sign in.'
            : 'You have neither a passkey nor an authenticator app here.'}{' '}
          Sign in at your organization once more: for five minutes after that you can do what asks for a
          second factor, such as adding a passkey.
        </p>
        <input type="hidden" name="again" value="1" />
        <Button type="submit" variant="secondary">
          {button}
        </Button>
      </form>
    </Card>
  )
}
