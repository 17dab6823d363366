import { SummaryList } from '#components/ui/summary-list.tsx'
import { Tag } from '#components/ui/tag.tsx'
import type { KeysView } from '#lib/accounts/keys/view.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'

const healths = {
  ok: { tone: 'ok', word: 'Answers', sentence: 'Keys are there when they are needed.' },
  degraded: {
    tone: 'warn',
    word: 'Does not answer',
    sentence: 'Keys that are in memory serve for a while longer; records without one stay closed.',
  },
  denied: { tone: 'bad', word: 'Refuses', sentence: 'No record can be opened until it answers again.' },
  unreachable: {
    tone: 'bad',
    word: 'Not reached',
    sentence: 'The key store or the holder of the root key cannot be reached; records stay closed.',
  },
} as const

/** Who holds the root key, and whether it answers. */
export function KeyHolder({ provider }: { provider: KeysView['provider'] }) {
  const { tone, word, sentence } = healths[provider.health]
  return (
    <SummaryList
      items={[
        { label: 'Root key held by', value: provider.name },
        {
          label: 'State',
          value: (
            <span className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              <Tag tone={tone}>{word}</Tag>
              <span>{sentence}</span>
            </span>
          ),
        },
        {
          label: 'Serial of the key ring',
          value: provider.serial === null ? 'Not known now' : provider.serial,
        },
        {
          label: 'Last change of a key',
          value: provider.changedAt === null ? 'Not known now' : formatDateTimeForStaff(provider.changedAt),
        },
      ]}
    />
  )
}
