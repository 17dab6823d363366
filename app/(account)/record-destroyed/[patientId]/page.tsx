import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForPatient, formatDateForStaff } from '#lib/format.ts'
import { landingPath, paths } from '#lib/paths.ts'
import { whenDestroyed } from '#lib/records/shared/when-destroyed.ts'
import { AccountFrame } from '../../account-frame.tsx'

export const metadata: Metadata = { title: 'Record destroyed' }

type Props = { params: Promise<{ patientId: string }> }

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * What is said to those who open a record that was destroyed, from an address they kept or by signing in. Whoever it does not
 * concern is told that there is no such page.
 */
export default async function RecordDestroyedPage({ params }: Props) {
  const actor = await requireActor()
  const { patientId } = await params
  const at = uuid.test(patientId) ? await whenDestroyed(actor, patientId) : null
  if (at === null) notFound()
  const isPortal = actor.role === 'patient' || actor.role === 'proxy'
  return (
    <AccountFrame actor={actor} current={null}>
      {isPortal ? (
        <>
          <PageHeader
            title={actor.role === 'patient' ? 'Your record was destroyed' : 'This record was destroyed'}
            lead={`This was done on ${formatDateForPatient(at)}, and cannot be undone.`}
          />
          <p>
            Nobody can read it any more: not you, and not the clinic. What is kept is the list of everyone who
            opened it before. If you have questions, call <ClinicPhone />.
          </p>
          {actor.role === 'patient' && (
            <p>
              <LinkButton href={paths.whoLooked} variant="secondary">
                See who looked
              </LinkButton>
            </p>
          )}
        </>
      ) : (
        <>
          <PageHeader
            title="This record was destroyed"
            lead={`This was done on ${formatDateForStaff(at)}, after two people had decided it. It cannot be undone.`}
          />
          <p>
            Nothing in it can be read any more, and nothing can be added to it. What is kept is the list of
            everyone who opened it. That you asked for it now is on that list too.
          </p>
          <p>
            <LinkButton href={landingPath(actor.role)} variant="secondary">
              Go to your start page
            </LinkButton>
          </p>
        </>
      )}
    </AccountFrame>
  )
}
