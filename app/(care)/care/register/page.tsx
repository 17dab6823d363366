import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { AppLink } from '#components/ui/app-link.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { listCareStaff } from '#lib/accounts/list-care-staff.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'
import { CareFrame } from '../../care-frame.tsx'
import { carerOptions } from '../../carer-options.ts'
import { RegisterForm } from './register-form.tsx'

export const metadata: Metadata = { title: 'Register a patient' }

/** A new patient, together with who will care for them: without that nobody could open the record. */
export default async function RegisterPage() {
  const actor = await requireActor('care')
  const staff = await listCareStaff(actor)
  const carers = carerOptions(staff)
  const own = staff.teams.find(({ isMine }) => isMine)
  return (
    <CareFrame actor={actor} current="register">
      <PageHeader
        title="Register a patient"
        lead={
          <>
            <AppLink href={paths.careSearch}>Search first</AppLink>, so that nobody gets two records.
          </>
        }
      />
      <RegisterForm
        formKey={randomUUID()}
        carers={carers}
        defaultCarer={own ? `team:${own.id}` : `account:${actor.accountId}`}
      />
    </CareFrame>
  )
}
