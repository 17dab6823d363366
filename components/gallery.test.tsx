import { renderToStaticMarkup } from 'react-dom/server'
import type { ReactElement } from 'react'
import { describe, expect, it } from 'vitest'
import { RangeBar } from './labs/range-bar.tsx'
import { ResultFlag } from './labs/result-flag.tsx'
import { Sparkline } from './labs/sparkline.tsx'
import { TrendFigure } from './labs/trend-figure.tsx'
import { FailedPage } from './shell/failed-page.tsx'
import { IdentityBanner } from './shell/identity-banner.tsx'
import { PatientShell } from './shell/patient-shell.tsx'
import { PrintHeader } from './shell/print-header.tsx'
import { ProblemPage } from './shell/problem-page.tsx'
import { ProxyBanner } from './shell/proxy-banner.tsx'
import { StaffShell } from './shell/staff-shell.tsx'
import { ChartNav } from './shell/sub-nav.tsx'
import { Answer } from './ui/answer.tsx'
import { Avatar } from './ui/avatar.tsx'
import { Button } from './ui/button.tsx'
import { Card } from './ui/card.tsx'
import { CheckboxGroup } from './ui/checkbox-group.tsx'
import { CopyButton } from './ui/copy-button.tsx'
import { DataTable } from './ui/data-table.tsx'
import { DateParts } from './ui/date-parts.tsx'
import { Details } from './ui/details.tsx'
import { Dialog } from './ui/dialog.tsx'
import { EmptyState } from './ui/empty-state.tsx'
import { ErrorSummary } from './ui/error-summary.tsx'
import { KeysetPager } from './ui/keyset-pager.tsx'
import { Icon } from './ui/icon.tsx'
import { LinkButton } from './ui/link-button.tsx'
import { Notice } from './ui/notice.tsx'
import { PageHeader } from './ui/page-header.tsx'
import { PageStatus } from './ui/page-status.tsx'
import { PasswordInput } from './ui/password-input.tsx'
import { PrintButton } from './ui/print-button.tsx'
import { RadioGroup } from './ui/radio-group.tsx'
import { Section } from './ui/section.tsx'
import { Select } from './ui/select.tsx'
import { SkipLink } from './ui/skip-link.tsx'
import { SubmitButton } from './ui/submit-button.tsx'
import { SummaryList } from './ui/summary-list.tsx'
import { Tag, type Tone } from './ui/tag.tsx'
import { TaskList } from './ui/task-list.tsx'
import { TextArea } from './ui/text-area.tsx'
import { TextInput } from './ui/text-input.tsx'
import { Timeline } from './ui/timeline.tsx'
import type { ResultFlagCode, TrendPointView } from '#lib/records/labs/view.ts'

const point = (over: Partial<TrendPointView>): TrendPointView => ({
  id: over.collectedAt ?? 'x',
  value: '4.2',
  valueNumber: 4.2,
  unit: 'mmol/L',
  low: 3.5,
  high: 5.1,
  flag: 'normal',
  status: 'final',
  collectedAt: '2026-06-03T14:00:00Z',
  ...over,
})
const potassium = [
  point({ collectedAt: '2026-11-21T14:30:00Z', value: '5.6', valueNumber: 5.6, flag: 'high' }),
  point({ collectedAt: '2026-06-03T14:00:00Z' }),
  point({ collectedAt: '2025-12-02T14:00:00Z', value: '4.4', valueNumber: 4.4 }),
  point({ collectedAt: '2025-05-14T14:00:00Z', value: '4.0', valueNumber: 4 }),
]
const people = [{ id: '1', name: 'Maria Reyes', balance: '$42.00' }]
const columns = [
  { key: 'name', header: 'Name', rowHeader: true, cell: (row: (typeof people)[number]) => row.name },
  {
    key: 'balance',
    header: 'Balance',
    align: 'end' as const,
    sort: { href: '/billing?sort=balance', direction: 'descending' as const },
    cell: (row: (typeof people)[number]) => row.balance,
  },
]
const choices = [
  { value: 'a', label: 'First', hint: 'What the first does' },
  { value: 'b', label: 'Second' },
]
const tones: Tone[] = ['ok', 'warn', 'bad', 'critical', 'below', 'emergency', 'info', 'neutral']
const flags: ResultFlagCode[] = ['normal', 'low', 'high', 'critical-low', 'critical-high', 'abnormal', null]
const noop = () => undefined

const gallery: Record<string, ReactElement> = {
  answer: <Answer>One person opened the record.</Answer>,
  avatar: <Avatar name="Nadia Osei" />,
  button: <Button icon={<Icon name="printer" size={18} />}>Save</Button>,
  'button variants': (
    <>
      <Button variant="danger">End session</Button>
      <Button variant="quiet">Cancel</Button>
      <SubmitButton pendingText="Saving…">Save vitals</SubmitButton>
      <LinkButton href="/notes" variant="secondary">
        Notes
      </LinkButton>
    </>
  ),
  card: (
    <Card title="Medicines" icon="pill" aside="2 active">
      Lisinopril
    </Card>
  ),
  'checkbox group': (
    <CheckboxGroup name="parts" legend="Parts" options={choices} defaultValues={['b']} framed />
  ),
  'copy button': <CopyButton text="abcd" />,
  'data table': (
    <DataTable caption="Accounts" columns={columns} rows={people} rowKey={(row) => row.id} empty={null} />
  ),
  'date parts': (
    <DateParts name="birth-date" legend="Date of birth" error="Enter a day of the calendar" birthDate />
  ),
  details: <Details summary="What to know">Words.</Details>,
  dialog: (
    <Dialog
      open={false}
      title="Are you still there?"
      onClose={noop}
      actions={<Button>Stay signed in</Button>}
    >
      2 minutes left.
    </Dialog>
  ),
  'empty state': <EmptyState>Results show here when the lab finishes.</EmptyState>,
  'error summary': <ErrorSummary errors={[{ field: 'pulse', message: 'Enter the pulse as a number' }]} />,
  'identity banner': (
    <IdentityBanner
      displayName="Maria Reyes"
      legalName="Maria Elena Reyes"
      pronouns="she/her"
      birthDate="1979-04-02"
      age="47"
      mrn="RC-204118"
      allergies="Penicillin (severe)"
      allergyAlert
      alerts={['Deceased']}
      action={<LinkButton href="/care">Enter vitals</LinkButton>}
    />
  ),
  'keyset pager': <KeysetPager label="Entries" summary="50 entries" newerHref="/a" olderHref="/b" />,
  notice: (
    <Notice tone="warn" title="Not reviewed">
      Your care team has not reviewed this result yet.
    </Notice>
  ),
  'page header': (
    <PageHeader
      title="Potassium"
      lead="Final result"
      back={{ href: '/results', label: 'Test results' }}
      actions={<PrintButton />}
    />
  ),
  'page status': <PageStatus>Vitals saved.</PageStatus>,
  'password input': (
    <PasswordInput
      name="password"
      label="Password"
      autoComplete="current-password"
      error="Enter your password"
    />
  ),
  'patient shell': (
    <PatientShell
      current="results"
      name="Maria Reyes"
      banner={<ProxyBanner name="Maria R." switchHref="/home" />}
    >
      <PageHeader title="Test results" />
    </PatientShell>
  ),
  'print header': (
    <PrintHeader patientName="Maria Reyes" birthDate="April 2, 1979" printedAt="November 22, 2026" />
  ),
  'problem page': (
    <ProblemPage
      title="We can’t find that page"
      actions={<LinkButton href="/">Go to your start page</LinkButton>}
    >
      <p>The address may have changed.</p>
    </ProblemPage>
  ),
  'failed page': (
    <FailedPage title="We’re sorry" reference="4711" actions={<Button>Try again</Button>}>
      It did not load.
    </FailedPage>
  ),
  'radio group': (
    <RadioGroup name="reason" legend="Reason" options={choices} defaultValue="a" error="Choose a reason" />
  ),
  'range bar': <RangeBar value="5.6" valueNumber={5.6} unit="mmol/L" low={3.5} high={5.1} flag="high" />,
  'range bar, one limit': (
    <RangeBar value="260" valueNumber={260} unit="mg/dL" low={null} high={200} flag="high" />
  ),
  'range bar, off its end': (
    <RangeBar value="900" valueNumber={900} unit="mg/dL" low={null} high={200} flag="critical-high" />
  ),
  section: <Section title="Over time">Words.</Section>,
  select: (
    <Select
      name="outcome"
      label="Outcome"
      emptyLabel="Any"
      options={[{ value: 'DENIED', label: 'Refused' }]}
    />
  ),
  'skip link': <SkipLink />,
  sparkline: <Sparkline values={[72, 74, null, 78, 74]} />,
  'staff shell': (
    <StaffShell
      audience="care"
      current="worklist"
      person={{ name: 'Nadia Osei', roleName: 'Nurse', unreadNotices: 2 }}
      counts={{ worklist: 9 }}
      subNav={<ChartNav patientId="p1" current="vitals" />}
    >
      <PageHeader title="Worklist" />
    </StaffShell>
  ),
  'summary list': (
    <SummaryList
      items={[
        { label: 'Phone', value: null },
        { label: 'Name', value: 'Maria' },
      ]}
    />
  ),
  tags: (
    <>
      {tones.map((tone) => (
        <Tag key={tone} tone={tone}>
          Word
        </Tag>
      ))}
    </>
  ),
  'task list': (
    <TaskList
      tasks={[
        {
          id: '1',
          href: '/results/1',
          title: 'Potassium',
          description: 'New',
          icon: 'flask',
          aside: <Tag tone="bad">Above</Tag>,
        },
      ]}
    />
  ),
  'text area': (
    <TextArea name="note" label="Note" limit={2000} defaultValue="Seen today." hint="Saved as you type." />
  ),
  'text input': (
    <TextInput
      name="pulse"
      label="Pulse"
      unit="/min"
      inputMode="numeric"
      width="short"
      error="Enter a number"
      hint="Whole number"
    />
  ),
  timeline: (
    <Timeline
      days={[
        {
          id: '2026-11-22',
          heading: 'Today, November 22',
          entries: [
            {
              id: '1',
              name: 'Nadia Osei',
              role: 'Nurse',
              what: 'Opened your chart summary',
              detail: 'Reason: treatment',
              time: '9:04 a.m.',
              dateTime: '2026-11-22T15:04:00Z',
              tag: <Tag tone="emergency">Emergency access</Tag>,
            },
          ],
        },
      ]}
    />
  ),
  'trend figure': <TrendFigure name="Potassium" series={[{ name: 'Potassium', points: potassium }]} />,
  'trend of two': (
    <TrendFigure
      name="Blood pressure"
      audience="staff"
      summary="Newest 128/82 mmHg."
      series={[
        { name: 'Systolic', points: potassium },
        {
          name: 'Diastolic',
          points: potassium.map((one) => ({ ...one, valueNumber: (one.valueNumber ?? 0) - 2 })),
        },
      ]}
    />
  ),
}

const html = (element: ReactElement) => renderToStaticMarkup(element)
const words = (markup: string) =>
  markup
    .replaceAll(/<(svg|style|script)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

describe.each(Object.entries(gallery))('%s', (_, element) => {
  const markup = html(element)

  it('has no style attribute and no inline script, which the content policy would refuse', () => {
    expect(markup).not.toMatch(/\sstyle=|<style|<script|\son[a-z]+=|javascript:/i)
  })

  it('names every control', () => {
    for (const [control, id] of [
      ...markup.matchAll(/<(?:input|select|textarea)\b[^>]*\sid="([^"]+)"[^>]*>/g),
    ].map((match) => [match[0], match[1]] as const)) {
      expect(markup, control).toContain(`for="${id}"`)
    }
    expect(markup).not.toMatch(/<(?:input|select|textarea)(?![^>]*\sid=)/)
    for (const [, inner] of markup.matchAll(/<button\b[^>]*>([\s\S]*?)<\/button>/g))
      expect(words(inner ?? '')).not.toBe('')
    for (const [, inner] of markup.matchAll(/<a\b[^>]*>([\s\S]*?)<\/a>/g))
      expect(words(inner ?? '')).not.toBe('')
  })

  it('points only at ids that are there, each of them once', () => {
    const ids = [...markup.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, list] of markup.matchAll(/\saria-(?:describedby|labelledby|controls)="([^"]+)"/g))
      for (const id of list?.split(' ') ?? []) expect(ids).toContain(id)
  })

  it('hides every drawing that has no name of its own', () => {
    for (const [tag] of markup.matchAll(/<svg\b[^>]*>/g)) {
      const isPart = /\s(x|viewBox="0 0 100 )/.test(tag) && !/aria-hidden|role="img"/.test(tag)
      expect(isPart || /aria-hidden="true"|role="img" aria-label="[^"]+"/.test(tag), tag).toBe(true)
    }
  })

  it('never greys out a button to give guidance', () => {
    expect(markup).not.toMatch(/<button[^>]*\sdisabled/)
  })
})

describe('words beside colours', () => {
  it.each(flags)('flag %s is said in each wording', (flag) => {
    for (const wording of ['patient', 'short', 'staff'] as const)
      expect(words(html(<ResultFlag flag={flag} wording={wording} />)).length).toBeGreaterThan(2)
  })

  it('a flag that differs has a mark of its own', () => {
    const marks = flags.slice(0, 6).map((flag) => html(<ResultFlag flag={flag} />).match(/ d="([^"]+)"/)?.[1])
    expect(new Set(marks).size).toBe(6)
  })

  it('reads as a person would say it', () => {
    expect(words(html(<ResultFlag flag="high" />))).toBe('Above the usual range')
    expect(words(html(<ResultFlag flag="critical-high" />))).toContain('Critical high')
    expect(words(html(<ResultFlag flag="low" wording="staff" />))).toBe('Low')
    expect(words(html(<ResultFlag flag={null} />))).toBe('No usual range given')
  })

  it('a range bar tells value, place and limits to who cannot see it', () => {
    expect(html(gallery['range bar']!)).toContain(
      'aria-label="5.6 mmol/L, above the usual range (3.5 to 5.1)"',
    )
    expect(html(gallery['range bar, one limit']!)).toContain('(200 or less)')
    expect(words(html(gallery['range bar, off its end']!))).toContain('beyond the end of the bar')
  })
})

describe('trend', () => {
  it('has a sentence, a drawing and every number in a table', () => {
    const markup = html(gallery['trend figure']!)
    expect(markup).toContain('role="img"')
    expect(words(markup)).toContain('The 3 before were in the usual range.')
    for (const { value } of potassium) expect(markup).toMatch(new RegExp(`>${value}<`))
    expect(markup.indexOf('November 21, 2026')).toBeLessThan(markup.indexOf('May 14, 2025'))
  })

  it('draws nothing from two points', () => {
    const markup = html(
      <TrendFigure name="Potassium" series={[{ name: 'Potassium', points: potassium.slice(0, 2) }]} />,
    )
    expect(markup).not.toContain('<figure')
    expect(markup).toContain('<table')
  })

  it('does not force the axis to start at 0', () => {
    const sodium = potassium.map((one, index) =>
      point({ ...one, valueNumber: 138 + index, low: 135, high: 145 }),
    )
    expect(html(<TrendFigure name="Sodium" series={[{ name: 'Sodium', points: sodium }]} />)).not.toMatch(
      /<text[^>]*>0<\/text>/,
    )
  })

  it('does not join results of different units, and says where the others are', () => {
    const mixed = [
      ...potassium,
      point({ collectedAt: '2025-08-01T14:00:00Z', value: '16', valueNumber: 16, unit: 'mg/dL' }),
    ]
    const markup = html(<TrendFigure name="Potassium" series={[{ name: 'Potassium', points: mixed }]} />)
    expect(markup.match(/ d="(M[^"]*)"[^>]*vector-effect/)?.[1]?.match(/M/g)).toHaveLength(2)
    expect(words(markup)).toContain('the others are in the table')
    expect(markup).toContain('16 mg/dL')
  })

  it('leaves a result that was entered in error out of the drawing and strikes it in the table', () => {
    const wrong = point({
      collectedAt: '2026-12-01T14:00:00Z',
      value: '56',
      valueNumber: 56,
      status: 'entered-in-error',
    })
    const markup = html(
      <TrendFigure name="Potassium" series={[{ name: 'Potassium', points: [wrong, ...potassium] }]} />,
    )
    expect(markup).toContain('<del>56</del>')
    expect(words(markup)).toContain('Your newest result, 5.6 mmol/L')
  })
})

describe('navigation', () => {
  it('marks the current page and nothing else', () => {
    const markup = html(gallery['patient shell']!)
    expect(markup.match(/aria-current="page"/g)).toHaveLength(1)
    expect(markup).toMatch(
      /aria-current="page"[^>]*href="\/results"|href="\/results"[^>]*aria-current="page"/,
    )
  })

  it('signs out by POST, never by a link that a prefetch could follow', () => {
    for (const shell of ['patient shell', 'staff shell']) {
      const markup = html(gallery[shell]!)
      expect(markup).toMatch(/<form[^>]* action="\/sign-out" method="post"/)
      expect(markup).not.toContain('href="/sign-out"')
    }
  })

  it('gives each shell one main landmark, one heading of the first rank, and one place to put the menu', () => {
    for (const shell of ['patient shell', 'staff shell', 'problem page']) {
      const markup = html(gallery[shell]!)
      expect(markup.match(/<main\b/g)).toHaveLength(1)
      expect(markup.match(/<h1\b/g)).toHaveLength(1)
      expect(markup).toContain('id="main"')
    }
  })

  it('shows staff no entry of another audience', () => {
    const markup = html(
      <StaffShell
        audience="billing"
        current="queue"
        person={{ name: 'Ben Ashby', roleName: 'Billing', unreadNotices: 2 }}
      >
        <PageHeader title="Work queue" />
      </StaffShell>,
    )
    expect(markup).not.toMatch(/href="\/(care|results|notes|admin|compliance)/)
  })
})

describe('tables', () => {
  it('have a caption, headers with a scope, and a box that the keyboard can scroll', () => {
    const markup = html(gallery['data table']!)
    expect(markup).toContain('tabindex="0"')
    expect(markup).toMatch(/<caption[^>]*><span[^>]*>Accounts/)
    expect(markup).toContain('scope="col"')
    expect(markup).toContain('<th scope="row"')
    expect(markup).toContain('aria-sort="descending"')
  })

  it('turn into a sentence when there is nothing in them', () => {
    expect(
      html(
        <DataTable
          caption="Accounts"
          columns={columns}
          rows={[]}
          rowKey={() => ''}
          empty={<EmptyState>No accounts.</EmptyState>}
        />,
      ),
    ).not.toContain('<table')
  })

  it('never leave a value blank', () =>
    expect(words(html(gallery['summary list']!))).toContain('Phone Not recorded'))
})
