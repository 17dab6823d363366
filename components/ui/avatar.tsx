import { initials } from '#lib/format.ts'

/** A person's initials in a circle. The name stands beside it, so it is hidden from screen readers. */
export function Avatar({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-10 shrink-0 place-items-center rounded-full border border-line bg-inset text-base font-semibold text-muted print:hidden"
    >
      {initials(name)}
    </span>
  )
}
