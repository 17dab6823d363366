import { Answer } from '#components/ui/answer.tsx'
import { formatAuditTimestamp, plural } from '#lib/format.ts'
import type { TrailAnswerView } from '#lib/oversight/trail/view.ts'

type Props = { answer: TrailAnswerView; from: string; to: string; zone: string; about: string; more: boolean }

/** The answer to "who opened it", in a sentence before the table shows it. */
export function TrailAnswer({ answer, from, to, zone, about, more }: Props) {
  const at = (iso: string): string => formatAuditTimestamp(iso, zone).slice(0, 16).replace('T', ' ')
  const { people, refused } = answer
  return (
    <Answer>
      <p>
        <strong>{people.length === 0 ? 'Nobody' : plural(people.length, 'person', 'people')}</strong> opened{' '}
        {about} between {at(from)} and {at(to)}
        {people.length === 0
          ? '. No access is recorded in this period.'
          : people.length > 8
            ? '; the list below names them.'
            : ': '}
        {people.length <= 8 &&
          people.map((person, index) => (
            <span key={person.id}>
              {index > 0 && (index === people.length - 1 ? ' and ' : ', ')}
              <strong>{person.name}</strong> ({person.title.toLowerCase()}) at{' '}
              {formatAuditTimestamp(person.firstAt, zone).slice(11, 19)}
              {person.times > 1 && `, ${person.times} entries`}
            </span>
          ))}
        {people.length > 0 && people.length <= 8 && '.'}
        {refused > 0 && ` ${plural(refused, 'attempt was', 'attempts were')} refused.`}
        {more && ' This sentence covers the newest entries; older ones are on the next pages.'}
      </p>
    </Answer>
  )
}
