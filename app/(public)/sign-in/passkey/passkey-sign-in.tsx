import { PasskeyButton } from '#components/auth/passkey-button.tsx'
import { signInWithPasskey, startWithPasskey } from './actions.ts'

/** One button instead of password and code, for whoever has made a passkey. */
export function PasskeySignIn() {
  return (
    <PasskeyButton begin={startWithPasskey} finish={signInWithPasskey}>
      Use a passkey
    </PasskeyButton>
  )
}
