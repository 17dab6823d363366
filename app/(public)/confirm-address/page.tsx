import type { Metadata } from 'next'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { canConfirmAddress } from '#lib/accounts/recovery/email-change.ts'
import { isMailLinkSpent } from '#lib/auth/mail-link.ts'
import { paths } from '#lib/paths.ts'
import { LinkIsOver } from '../link-is-over.tsx'
import { ConfirmAddressForm } from './confirm-address-form.tsx'

export const metadata: Metadata = { title: 'Confirm your email address' }

type Props = { searchParams: Promise<{ done?: string | string[] }> }

/** Confirms a new e-mail address by the link that went to it. */
export default async function ConfirmAddressPage({ searchParams }: Props) {
  const { done } = await searchParams
  return (
    <PublicShell resting={false}>
      {done === 'confirmed' && (await isMailLinkSpent('new-address')) ? (
        <>
          <FocusHeading>Your email address is changed</FocusHeading>
          <p>From now on you sign in with the new one, and our emails go there. We told the old one.</p>
          <p>You are signed out everywhere but where you asked for the change.</p>
          <ButtonRow>
            <LinkButton href={paths.signIn}>Sign in</LinkButton>
          </ButtonRow>
        </>
      ) : (await canConfirmAddress()) ? (
        <>
          <FocusHeading>Confirm your email address</FocusHeading>
          <p>
            You asked us to use the address that our email went to. From then on you sign in with it. On every
            other device than the one that you asked on you will be signed out.
          </p>
          <ConfirmAddressForm />
        </>
      ) : (
        <LinkIsOver />
      )}
    </PublicShell>
  )
}
