import { flagPhrase, ResultFlag } from '#components/labs/result-flag.tsx'
import type { IconName } from '#components/ui/icon.tsx'
import type { Tone } from '#components/ui/tag.tsx'
import { TaskList } from '#components/ui/task-list.tsx'
import { formatDateForPatient } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionView, ResultFlagCode } from '#lib/records/my-record/view.ts'

/** New results that come first on Home; each row is one link to its result. */
export function AttentionList({ results }: { results: readonly AttentionView[] }) {
  return (
    <TaskList
      tasks={results.map((result) => ({
        id: result.id,
        href: paths.result(result.id),
        title: isOutOfRange(result.flag) ? `${result.name}: ${flagPhrase(result.flag)}` : result.name,
        description: describe(result),
        ...looks(result.flag),
        aside: result.flag !== null && <ResultFlag flag={result.flag} wording="short" />,
      }))}
    />
  )
}

function describe(result: AttentionView): string {
  const sentences = [`New test result, ${formatDateForPatient(result.collectedAt)}.`]
  if (result.wasInRange) sentences.push('The one before was in the usual range.')
  if (!result.reviewed) sentences.push('Your care team has not reviewed it yet.')
  return sentences.join(' ')
}

function isOutOfRange(flag: ResultFlagCode): boolean {
  return flag !== null && flag !== 'normal'
}

function looks(flag: ResultFlagCode): { icon: IconName; tone: Tone } {
  if (flag === 'high') return { icon: 'arrow-up', tone: 'bad' }
  if (flag === 'low') return { icon: 'arrow-down', tone: 'below' }
  if (flag === 'critical-high') return { icon: 'arrow-up', tone: 'critical' }
  if (flag === 'critical-low') return { icon: 'arrow-down', tone: 'critical' }
  if (flag === 'abnormal') return { icon: 'circle-alert', tone: 'bad' }
  return { icon: 'flask', tone: 'info' }
}
