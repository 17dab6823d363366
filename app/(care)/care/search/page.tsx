import type { Metadata } from 'next'
import { Icon } from '#components/ui/icon.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { searchPatients } from '#lib/records/patients/search-patients.ts'
import { emptyForm } from '#lib/records/patients/start-patient-search.ts'
import { CareFrame } from '../../care-frame.tsx'
import { FoundPatients } from '../../found-patients.tsx'
import { SearchForm } from './search-form.tsx'
import { single } from '../../../single.ts'

export const metadata: Metadata = { title: 'Find a patient' }

type Props = { searchParams: Promise<{ search?: string | string[] }> }

/** Finds one of one's own patients by exact name, birth date or record number. */
export default async function PatientSearchPage({ searchParams }: Props) {
  const actor = await requireActor('care')
  const search = single((await searchParams).search)
  const answer = search ? await searchPatients(actor, search) : null
  const result = answer?.result
  return (
    <CareFrame actor={actor} current="search">
      <PageHeader
        title="Find a patient"
        lead="Among the patients you or your team care for. Names must be whole; accents and capitals do not matter."
      />
      <SearchForm initial={answer?.form ?? emptyForm} />
      {result?.kind === 'expired' && (
        <Notice title="This search is no longer kept">
          Searches are kept for a day. Fill in the form again.
        </Notice>
      )}
      {result?.kind === 'too-many' && (
        <Notice tone="warn" title="More than 20 patients fit">
          Narrow your search: add the given name or the birth date, or use the MRN.
        </Notice>
      )}
      {result?.kind === 'found' && result.patients.length === 0 && (
        <Notice title="No patient fits">
          <p>
            Check the spelling, or leave out the given name. Patients of other teams are not found here. If
            the patient is new, you can register them.
          </p>
          <div className="pt-2">
            <LinkButton
              href={paths.careRegister}
              variant="secondary"
              icon={<Icon name="user-plus" size={18} />}
            >
              Register a patient
            </LinkButton>
          </div>
        </Notice>
      )}
      {result?.kind === 'found' && result.patients.length > 0 && (
        <Section title={`${plural(result.patients.length, 'patient')} found`}>
          <FoundPatients patients={result.patients} caption="Patients found" />
        </Section>
      )}
    </CareFrame>
  )
}
