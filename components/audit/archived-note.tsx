import { Notice } from '#components/ui/notice.tsx'

/** Says that a part of the period is not in the logs any more, so that nobody takes silence for an answer. */
export function ArchivedNote({ months }: { months: readonly string[] }) {
  if (months.length === 0) return null
  return (
    <Notice tone="warn" title="A part of this period is archived">
      {`Entries of ${months.join(', ')} are in sealed files and were not searched. Ask whoever runs the server to put them back (“vigil retention restore-archive”), then search again; or export this period, which reads the files.`}
    </Notice>
  )
}
