import { Tag, type Tone } from '#components/ui/tag.tsx'
import { formatTimeForPatient, plural } from '#lib/format.ts'
import type { ExportView } from '#lib/oversight/export/view.ts'

const words: Record<ExportView['state'], { tone: Tone; word: string }> = {
  WAITING: { tone: 'warn', word: 'Waits for agreement' },
  QUEUED: { tone: 'info', word: 'In the queue' },
  RUNNING: { tone: 'info', word: 'Being made' },
  READY: { tone: 'ok', word: 'Ready' },
  EXPIRED: { tone: 'neutral', word: 'Over' },
  CANCELLED: { tone: 'neutral', word: 'Cancelled' },
  REJECTED: { tone: 'bad', word: 'Declined' },
  LAPSED: { tone: 'neutral', word: 'Lapsed' },
  FAILED: { tone: 'bad', word: 'Failed' },
}

/** How an export stands, with what matters about that state. */
export function ExportState({ view }: { view: ExportView }) {
  const { tone, word } = words[view.state]
  const detail = detailOf(view)
  return (
    <>
      <Tag tone={tone}>{word}</Tag>
      {view.state === 'RUNNING' && !view.isMore && !view.isAtMost && (
        <progress
          max={Math.max(view.rows, 1)}
          value={view.rowsDone}
          aria-label="Entries written"
          className="mt-1.5 block h-2 w-40 accent-primary"
        />
      )}
      {detail && <span className="mt-1 block text-sm text-muted">{detail}</span>}
    </>
  )
}

function detailOf(view: ExportView): string | null {
  switch (view.state) {
    case 'WAITING':
      return 'Another officer has three days to agree.'
    case 'RUNNING':
      return `${plural(view.rowsDone, 'entry', 'entries')} written`
    case 'READY':
      return view.expiresAt === null
        ? null
        : `Until ${formatTimeForPatient(view.expiresAt)}, then the file goes away`
    case 'EXPIRED':
      return view.downloads === 0 ? 'Never downloaded' : `Downloaded ${plural(view.downloads, 'time')}`
    case 'FAILED':
      return view.failure === null ? null : `It could not be made: ${view.failure}`
    default:
      return null
  }
}
