import type { Metadata } from 'next'
import { AttentionList } from '#components/my-record/attention-list.tsx'
import { countSentence } from '#components/my-record/count-sentence.ts'
import { LinkRows, type LinkRow } from '#components/my-record/link-rows.tsx'
import { ClinicPhone } from '#components/shell/clinic-phone.tsx'
import { AppLink } from '#components/ui/app-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { countUnreadNotices } from '#lib/accounts/notices/count-unread-notices.ts'
import { requireActor, thisSession } from '#lib/auth/require-actor.ts'
import { now } from '#lib/clock.ts'
import { formatDayHeading, formatTimeForPatient, plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { Part } from '#lib/policy/access.ts'
import { countWhoLooked } from '#lib/records/my-record/count-who-looked.ts'
import { nameRecord } from '#lib/records/my-record/name-records.ts'
import { openHome } from '#lib/records/my-record/open-home.ts'
import type { AccessCountView, MyHomeView } from '#lib/records/my-record/view.ts'
import { chosenRecord, shown } from '../open-record.ts'
import { PatientFrame } from '../patient-frame.tsx'
import { greeting } from './greeting.ts'

export const metadata: Metadata = { title: 'Home' }

/** What needs the person now, who looked at the record, and the ways to the rest of it. */
export default async function HomePage() {
  const actor = await requireActor('patient')
  const record = await chosenRecord(actor)
  const present = now().toISOString()
  if (!record) {
    return (
      <PatientFrame current="home" record={null} whose={null}>
        <PageHeader title={greeting(present, null)} lead={await lastSignIn(present)} />
        <EmptyState>
          No record is open to you at the moment. If you think that one should be, call <ClinicPhone />.
        </EmptyState>
      </PatientFrame>
    )
  }
  const unread = await countUnreadNotices(actor)
  const has = (part: Part) => record.parts.includes(part)
  const [home, count] = await Promise.all([
    has('results') ? openHome(actor, record.patientId).then((outcome) => shown(outcome)) : null,
    has('access-log') ? countWhoLooked(actor, record.patientId).then((outcome) => shown(outcome)) : null,
  ])
  const whose = home?.whose ?? (await nameRecord(actor, record))
  const isOwn = record.kind === 'self'
  return (
    <PatientFrame current="home" record={record} whose={whose}>
      <PageHeader
        title={greeting(present, isOwn ? (whose?.firstName ?? null) : null)}
        lead={await lastSignIn(present)}
      />
      {unread > 0 && (
        <Notice title={plural(unread, 'new notice')}>
          <AppLink href={paths.notices}>Read what is new</AppLink>
        </Notice>
      )}
      {home && <Attention home={home} isOwn={isOwn} />}
      <div className="grid items-start gap-4 md:grid-cols-[3fr_2fr]">
        <Card title={isOwn ? 'Your record' : 'The record'} icon="clipboard-list" flush>
          <LinkRows rows={places.filter(({ part }) => part === null || has(part))} />
        </Card>
        {count && (
          <Card title={isOwn ? 'Who looked at your record' : 'Who looked at the record'} icon="eye">
            <WhoLookedLines count={count} isOwn={isOwn} />
          </Card>
        )}
      </div>
    </PatientFrame>
  )
}

const places: readonly (LinkRow & { part: Part | null })[] = [
  { part: 'results', href: paths.results, icon: 'flask', title: 'Test results', description: 'Every result, with its usual range' },
  { part: 'summary', href: paths.summary, icon: 'heart-pulse', title: 'Health summary', description: 'Conditions, allergies, medicines, vaccines, vital signs' },
  { part: 'notes', href: paths.notes, icon: 'file-text', title: 'Visit notes', description: 'What was written about each visit' },
  { part: null, href: paths.notices, icon: 'bell', title: 'Notices', description: 'What you should know or do next' },
  { part: null, href: paths.security, icon: 'key', title: 'Sign-in and security', description: 'Your password, codes and where you are signed in' },
] // prettier-ignore

function Attention({ home, isOwn }: { home: MyHomeView; isOwn: boolean }) {
  const more = home.newCount - home.attention.length
  return (
    <Section
      title="Needs your attention"
      aside={more > 0 && <AppLink href={paths.results}>{plural(more, 'more new result')}</AppLink>}
    >
      {home.attention.length === 0 ? (
        <EmptyState>
          Nothing needs {isOwn ? 'you' : 'your attention'} today. New test results show here.
        </EmptyState>
      ) : (
        <AttentionList results={home.attention} />
      )}
    </Section>
  )
}

function WhoLookedLines({ count, isOwn }: { count: AccessCountView; isOwn: boolean }) {
  return (
    <div className="space-y-2">
      <p>{countSentence(count, '7-days', isOwn)}</p>
      <p>
        <AppLink href={paths.whoLooked} className="inline-flex min-h-11 items-center">
          See who, when and why
        </AppLink>
      </p>
    </div>
  )
}

/** When the person signed in before, so that a stranger's sign-in would be noticed. */
async function lastSignIn(present: string): Promise<string> {
  const { standing } = await thisSession()
  const at = standing?.state === 'active' ? standing.previousSignInAt?.toISOString() : undefined
  if (!at) return 'This is your first sign-in.'
  const day = formatDayHeading(at, present)
  return `Last sign-in ${day.replace(/^Today/, 'today')}, ${formatTimeForPatient(at)}`
}
