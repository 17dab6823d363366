import type { Metadata } from 'next'
import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { formatDateForStaff, formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import { documentKinds } from '#lib/records/portal-access/documents.ts'
import { openPortalAccess } from '#lib/records/portal-access/open-portal-access.ts'
import type { PortalAccessView } from '#lib/records/portal-access/view.ts'
import { ChartFrame } from '../../../../care-frame.tsx'
import { idOr404, openedOr404 } from '../../../../opened.ts'
import { handOutAction } from './actions.ts'
import { DeskForm } from './desk-form.tsx'

export const metadata: Metadata = { title: 'Portal login' }

type Props = { params: Promise<{ patientId: string }> }

/** The desk where a patient's login is handed out: who they are is proved first, in two steps. */
export default async function PortalLoginPage({ params }: Props) {
  const actor = await requireActor()
  const patientId = idOr404((await params).patientId)
  const view = openedOr404(await openPortalAccess(actor, patientId))
  const { banner, login, hindrance } = view
  return (
    <ChartFrame actor={actor} banner={banner} part="portal">
      <PageHeader
        title="Portal login"
        lead="A patient’s way into their own record. You hand it out in person, once you have seen who they are."
      />
      <Card title="Now" aside={<LoginTag login={login} />}>
        <SummaryList items={facts(login)} />
      </Card>
      <div className="max-w-reading print:hidden">
        {hindrance === null ? (
          <Card title={login ? 'Hand out a new code' : 'Hand out a code'}>
            <DeskForm
              action={handOutAction.bind(null, patientId)}
              letterAction={paths.chartPortalLetter(patientId)}
              again={login?.isSetUp === true}
              email={view.email ?? ''}
              name={banner.legalName ?? banner.displayName}
              documents={documentKinds.map(({ value, label }) => ({ value, label }))}
              birthDate={banner.birthDate === null ? '' : formatDateForStaff(banner.birthDate)}
            />
          </Card>
        ) : (
          <Notice tone="warn" title="No code can be handed out here">
            {hindrances[hindrance]}
          </Notice>
        )}
      </div>
    </ChartFrame>
  )
}

const hindrances = {
  'no-birth-date':
    'The record has no birth date, which the patient types together with the code. Have it corrected first.',
  deceased: 'The record says that the patient has died.',
  'own-record': 'This record bears your own name. Ask a colleague to see who the patient is.',
} as const

const codeWords = { open: 'not used yet', used: 'used', void: 'stopped working', expired: 'ran out' } as const

function LoginTag({ login }: Pick<PortalAccessView, 'login'>) {
  if (!login) return <Tag tone="neutral">No login</Tag>
  if (login.state === 'in-use') return <Tag tone="ok">In use</Tag>
  if (login.state === 'locked') return <Tag tone="warn">Locked by the patient</Tag>
  return login.state === 'closed' ? (
    <Tag tone="neutral">Closed</Tag>
  ) : (
    <Tag tone="info">Waiting for the patient</Tag>
  )
}

function facts(login: PortalAccessView['login']) {
  if (!login) return [{ label: 'Login', value: 'None was made yet' }]
  const { state, code } = login
  const words = {
    waiting: 'Made, and not set up yet',
    'in-use': 'The patient signs in by themselves',
    locked: 'The patient reported a sign-in that was not theirs. A new code opens it again',
    closed: 'Closed. A new code opens it again',
  }
  return [
    { label: 'Login', value: words[state] },
    ...(code
      ? [
          {
            label: 'Last code',
            value: `${formatDateTimeForStaff(code.issuedAt)}, handed out by ${code.issuedBy ?? 'somebody who left'}: ${codeWords[code.state]}`,
          },
          ...(code.state === 'open'
            ? [{ label: 'Good until', value: formatDateTimeForStaff(code.expiresAt) }]
            : []),
        ]
      : []),
  ]
}
