import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { buttonClass } from '#components/ui/button-class.ts'
import { ButtonRow } from '#components/ui/button-row.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { FocusHeading } from '#components/ui/focus-heading.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { PublicShell } from '#components/shell/public-shell.tsx'
import { SessionGuard } from '#components/shell/session-guard.tsx'
import { requireActor, sessionTimes } from '#lib/auth/require-actor.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { clinic } from '#lib/clinic.ts'
import { formatDateForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { SavedForm } from './saved-form.tsx'

export const metadata: Metadata = { title: 'Your recovery codes' }

/** Ten new recovery codes, shown until the person says that they are saved, and never again. */
export default async function RecoveryCodesPage() {
  const actor = await requireActor()
  const state = await readSealed('recovery-codes')
  if (state === null || state.accountId !== actor.accountId) redirect(paths.security)
  const times = await sessionTimes()
  return (
    <PublicShell>
      <FocusHeading>Save your recovery codes</FocusHeading>
      <p>
        If your phone or device is lost or broken, one of these codes takes the place of your second step.
        Each works once. Keep them where you keep other important papers. We cannot show them again.
      </p>
      <section aria-labelledby="codes" className="rounded-xl border border-line bg-card p-5">
        <h2 id="codes" className="text-lg">
          {clinic.name}, made on {formatDateForPatient(state.madeAt)}
        </h2>
        <ol className="mt-3 grid list-decimal grid-cols-1 gap-x-10 gap-y-1.5 pl-8 text-lg tabular sm:grid-cols-2">
          {state.codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
      </section>
      <ButtonRow>
        <a href={paths.recoveryCodesFile} download className={buttonClass('secondary')}>
          <Icon name="file-text" size={18} />
          Download as text
        </a>
        <PrintButton>Print</PrintButton>
        <CopyButton text={state.codes.join('\n')} />
      </ButtonRow>
      <SavedForm />
      {times && <SessionGuard {...times} />}
    </PublicShell>
  )
}
