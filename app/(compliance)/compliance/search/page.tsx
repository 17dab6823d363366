import type { Metadata } from 'next'
import { SealNote } from '#components/audit/seal-note.tsx'
import { TrailAnswer } from '#components/audit/trail-answer.tsx'
import { TrailTable } from '#components/audit/trail-table.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { clinic } from '#lib/clinic.ts'
import { formatOffset, plural } from '#lib/format.ts'
import { openSeal } from '#lib/oversight/seal/open-seal.ts'
import { trailFormOptions } from '#lib/oversight/trail/form-options.ts'
import { openTrailSearch } from '#lib/oversight/trail/open-trail-search.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { TrailForm } from './trail-form.tsx'

export const metadata: Metadata = { title: 'Audit search' }

type Props = { searchParams: Promise<{ search?: string; before?: string }> }

/** Answers "who opened this record, and when" with one form. */
export default async function AuditSearchPage({ searchParams }: Props) {
  const actor = await requireActor('compliance')
  const { search, before } = await searchParams
  const [options, result, seal] = await Promise.all([
    trailFormOptions(actor),
    openTrailSearch(actor, search ?? null, before ?? null),
    openSeal(),
  ])
  return (
    <ComplianceFrame actor={actor} current="search">
      <PageHeader
        title="Audit search"
        lead="This search is recorded too. Patients appear under a reference, not by name."
      />
      <SealNote seal={seal} zone={clinic.timeZone} />
      <TrailForm initial={result.form} options={options} />
      {result.kind === 'no-patient' && (
        <Notice title="No patient matches">
          The trail was not searched, because nobody in the records has this name, birth date or record
          number. Names match whole words; accents and capitals do not matter.
        </Notice>
      )}
      {result.kind === 'too-many' && (
        <Notice tone="warn" title="More than 20 patients match">
          Add a given name or the birth date, or use the record number.
        </Notice>
      )}
      {result.kind === 'expired' && (
        <Notice title="This search is no longer kept">
          Searches are kept for a day, for the person who made them. Fill in the form again.
        </Notice>
      )}
      {result.kind === 'answered' && (
        <>
          <TrailAnswer
            answer={result.answer}
            from={result.from}
            to={result.to}
            zone={result.form.zone}
            about={
              result.patients === null
                ? 'a record'
                : result.patients.length === 1
                  ? `the record ${result.patients[0]}`
                  : `one of ${plural(result.patients.length, 'matching record')}`
            }
            more={result.page.older !== null || before !== undefined}
          />
          <TrailTable
            caption={`${plural(result.page.entries.length, 'entry', 'entries')}, newest first, times in ${result.form.zone} (${formatOffset(result.from, result.form.zone)})`}
            entries={result.page.entries}
            zone={result.form.zone}
            empty="No access is recorded for these criteria. Refused attempts would be listed too."
          />
          <KeysetPager
            label="Pages of entries"
            newerHref={before === undefined ? undefined : withQuery(paths.complianceSearch, { search })}
            olderHref={
              result.page.older === null
                ? undefined
                : withQuery(paths.complianceSearch, { search, before: result.page.older })
            }
          />
        </>
      )}
    </ComplianceFrame>
  )
}
