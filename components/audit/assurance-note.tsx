import { formatDateTimeForStaff } from '#lib/format.ts'
import type { AssuranceView } from '#lib/oversight/trail/view.ts'

type Props = { assurance: AssuranceView; to: string; zone: string }

/** What an empty answer rests on: an entry that was taken away would have been missed by the last verification. */
export function AssuranceNote({ assurance, to, zone }: Props) {
  if (assurance === null)
    return (
      <>
        The trail has not been verified yet, so that this answer rests on the database alone. Run “vigil audit
        verify” for proof.
      </>
    )
  const at = formatDateTimeForStaff(assurance.at, zone)
  if (!assurance.ok)
    return (
      <>
        The last verification, on {at} ({zone}), found that entries were changed or taken away. Do not rely on
        this answer before its findings are cleared up.
      </>
    )
  const through = assurance.through === null ? null : formatDateTimeForStaff(assurance.through, zone)
  return (
    <>
      The trail was verified through entry {assurance.size.toLocaleString('en-US')} on {at} ({zone}): no
      sealed entry is missing{through !== null && ` up to ${through}`}.
      {(assurance.through === null || assurance.through < to) &&
        ' What is asked here reaches beyond that; the next verification covers the rest.'}
    </>
  )
}
