import type { Metadata } from 'next'
import { AccessTimeline } from '#components/my-record/access-timeline.tsx'
import { countSentence } from '#components/my-record/count-sentence.ts'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { PrintHeader } from '#components/shell/print-header.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { buttonClass } from '#components/ui/button-class.ts'
import { Button } from '#components/ui/button.tsx'
import { Choice } from '#components/ui/choice.tsx'
import { Details } from '#components/ui/details.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { FilterForm } from '#components/ui/filter-form.tsx'
import { IconTile } from '#components/ui/icon-tile.tsx'
import { KeysetPager } from '#components/ui/keyset-pager.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { Select } from '#components/ui/select.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { now } from '#lib/clock.ts'
import { formatDateTimeForPatient, formatZoneName } from '#lib/format.ts'
import { paths, withQuery } from '#lib/paths.ts'
import type { AccessKind } from '#lib/records/my-record/access-kind.ts'
import { listWhoLooked } from '#lib/records/my-record/list-who-looked.ts'
import { notListed } from '#lib/records/my-record/not-listed.ts'
import type { TrailPeriod } from '#lib/records/my-record/trail-period.ts'
import { openRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'
import { filterQuery, readFilter, type Filter, type FilterQuery } from './filter.ts'

export const metadata: Metadata = { title: 'Who looked' }

type Props = { searchParams: Promise<FilterQuery & { after?: string | string[] }> }

const periodLabels: Record<TrailPeriod, string> = {
  '7-days': 'Last 7 days',
  '30-days': 'Last 30 days',
  '12-months': 'Last 12 months',
  all: 'Everything',
}

const kindLabels: Record<AccessKind, string> = {
  all: 'Everything',
  people: 'People only',
  emergency: 'Emergency access',
  refused: 'Refused attempts',
  jobs: 'Programs only',
}

/** Who opened the record, what part of it, when and why. */
export default async function WhoLookedPage({ searchParams }: Props) {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const query = await searchParams
  const filter = readFilter(query)
  const cursor = typeof query.after === 'string' ? query.after : undefined
  const view = shown(await listWhoLooked(actor, record.patientId, { ...filter, cursor }))
  const present = now().toISOString()
  const isOwn = record.kind === 'self'
  return (
    <PatientFrame current="who-looked" record={record} whose={view.whose} width="reading">
      <PrintHeader
        patientName={view.whose?.name ?? 'A record that was destroyed'}
        printedAt={formatDateTimeForPatient(present)}
      />
      <PageHeader
        title={isOwn ? 'Who looked at your record' : 'Who looked at the record'}
        lead={`Every time someone opens a part of the record, it is written down first. Times are ${formatZoneName(present)}.`}
      />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-xl border border-line bg-card p-(--gap)">
        <div className="flex min-w-0 flex-1 basis-[26rem] items-start gap-3.5">
          <IconTile icon="eye" />
          <div className="min-w-0 self-center">
            <p className="font-semibold">{countSentence(view.count, filter.period, isOwn)}</p>
            {view.count.refused > 0 && (
              <p className="text-sm text-muted">Nothing was shown to those who were refused.</p>
            )}
          </div>
        </div>
        <div className="flex flex-wrap gap-3 print:hidden">
          <FileLink filter={filter} format="pdf" />
          <FileLink filter={filter} format="csv" />
          <PrintButton />
        </div>
      </div>
      <FilterFields filter={filter} isOwn={isOwn} />
      {view.days.length === 0 ? (
        <EmptyState>
          {filter.kind === 'all'
            ? `Nobody opened ${isOwn ? 'your' : 'the'} record in this time.`
            : 'Nothing of this kind in this time.'}
        </EmptyState>
      ) : (
        <AccessTimeline days={view.days} now={present} />
      )}
      <KeysetPager
        label="Who looked"
        newestHref={cursor === undefined ? undefined : address(filter)}
        olderHref={view.next === null ? undefined : address(filter, view.next)}
      />
      <More />
      <NotListed />
    </PatientFrame>
  )
}

function FileLink({ filter, format }: { filter: Filter; format: 'pdf' | 'csv' }) {
  return (
    <a
      href={withQuery(paths.whoLookedFile, { ...filterQuery(filter), format })}
      download
      className={buttonClass('secondary')}
    >
      {format === 'pdf' ? 'PDF' : 'Spreadsheet'}
      <span className="sr-only"> of this list, to download</span>
    </a>
  )
}

/** What else belongs to it: what was reported, and what left the clinic. */
function More() {
  return (
    <ul className="flex flex-wrap gap-x-6 gap-y-1 print:hidden">
      <li>
        <AppLink href={paths.reports}>What you reported</AppLink>
      </li>
      <li>
        <AppLink href={paths.disclosures}>Disclosures outside the clinic</AppLink>
      </li>
    </ul>
  )
}

function FilterFields({ filter, isOwn }: { filter: Filter; isOwn: boolean }) {
  return (
    <FilterForm
      label="Filter the list"
      action={paths.whoLooked}
      actions={
        <Button type="submit" variant="secondary">
          Apply
        </Button>
      }
    >
      <Select
        name="period"
        label="Time"
        defaultValue={filter.period}
        options={Object.entries(periodLabels).map(([value, label]) => ({ value, label }))}
      />
      <Select
        name="kind"
        label="What"
        defaultValue={filter.kind}
        options={Object.entries(kindLabels).map(([value, label]) => ({ value, label }))}
      />
      <div className="xs:col-span-2">
        <Choice
          type="checkbox"
          id="own"
          name="own"
          value="shown"
          label={
            isOwn ? 'Include me and people I gave access' : 'Include the patient, me and others with access'
          }
          defaultChecked={filter.withOwn}
        />
      </div>
    </FilterForm>
  )
}

function NotListed() {
  return (
    <Details summary="What is not listed here">
      <ul className="list-disc space-y-1.5 pl-5">
        {notListed.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <p>
        You do not recognize something? Open the entry and tell us. Or call <ClinicPhone /> and ask for the
        privacy officer.
      </p>
    </Details>
  )
}

function address(filter: Filter, after?: string): string {
  return withQuery(paths.whoLooked, { ...filterQuery(filter), after })
}
