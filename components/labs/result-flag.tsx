import { Shape, type ShapeName } from '#components/ui/shape.tsx'
import { Tag, type Tone } from '#components/ui/tag.tsx'
import type { ResultFlagCode } from '#lib/records/labs/view.ts'

type Words = { tone: Tone; shape: ShapeName; patient: string; short: string; staff: string }

/** Every flag as a word with a mark. The word alone carries the meaning; colour only repeats it. */
const flags: Record<NonNullable<ResultFlagCode>, Words> = {
  normal: { tone: 'ok', shape: 'check', patient: 'In the usual range', short: 'In range', staff: 'Normal' },
  high: { tone: 'bad', shape: 'up', patient: 'Above the usual range', short: 'Above', staff: 'High' },
  low: { tone: 'below', shape: 'down', patient: 'Below the usual range', short: 'Below', staff: 'Low' },
  'critical-high': {
    tone: 'critical',
    shape: 'double-up',
    patient: 'Critical high: well above the usual range',
    short: 'Critical high',
    staff: 'Critical high',
  },
  'critical-low': {
    tone: 'critical',
    shape: 'double-down',
    patient: 'Critical low: well below the usual range',
    short: 'Critical low',
    staff: 'Critical low',
  },
  abnormal: {
    tone: 'bad',
    shape: 'diamond',
    patient: 'Outside the usual range',
    short: 'Outside',
    staff: 'Abnormal',
  },
}

type Props = {
  flag: ResultFlagCode
  /** `patient`: a whole phrase; `short`: for a table of a patient's results; `staff`: the clinical word. */
  wording?: 'patient' | 'short' | 'staff' | undefined
}

/** What the laboratory said about a value. A normal value in a table is plain text: only what differs should stand out. */
export function ResultFlag({ flag, wording = 'patient' }: Props) {
  if (flag === null)
    return <span className="text-muted">{wording === 'staff' ? 'No flag' : 'No usual range given'}</span>
  const { tone, shape, ...words } = flags[flag]
  if (flag === 'normal' && wording !== 'patient')
    return (
      <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-muted">
        <Shape name={shape} />
        {words[wording]}
      </span>
    )
  return (
    <Tag tone={tone} shape={shape}>
      {words[wording]}
    </Tag>
  )
}

/** The flag as a phrase inside a sentence or a name: "above the usual range". */
export function flagPhrase(flag: ResultFlagCode): string {
  if (flag === null) return 'without a usual range'
  const { patient } = flags[flag]
  return patient.charAt(0).toLowerCase() + patient.slice(1)
}
