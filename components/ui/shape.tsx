export type ShapeName =
  | 'up'
  | 'double-up'
  | 'down'
  | 'double-down'
  | 'diamond'
  | 'check'
  | 'cross'
  | 'alert'
  | 'star'
  | 'dot'
  | 'info'

const filled: Partial<Record<ShapeName, string>> = {
  up: 'M6 1l5.5 10H.5z',
  'double-up': 'M6 0l5 5.6H1zM6 6.4l5 5.6H1z',
  down: 'M6 11L.5 1h11z',
  'double-down': 'M6 12L1 6.4h10zM6 5.6L1 0h10z',
  diamond: 'M6 .5L11.5 6 6 11.5.5 6z',
  star: 'M6 0l1.6 4.1L12 4.5 8.6 7.4 9.7 12 6 9.5 2.3 12l1.1-4.6L0 4.5l4.4-.4z',
  dot: 'M6 3a3 3 0 110 6 3 3 0 010-6z',
}
const lined: Partial<Record<ShapeName, string>> = {
  check: 'M1.5 6.5l3 3 6-7',
  cross: 'M2 2l8 8M10 2l-8 8',
  alert: 'M6 1v6.5M6 10.5v.5',
  info: 'M6 1v.5M6 4.5V11',
}

/** A small mark drawn beside a word, so that the meaning does not hang on colour. No font holds these signs in all its subsets. */
export function Shape({ name, className }: { name: ShapeName; className?: string | undefined }) {
  return (
    <svg
      width="12"
      height="12"
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${className ?? ''}`}
    >
      {filled[name] && <path d={filled[name]} fill="currentColor" />}
      {lined[name] && (
        <path d={lined[name]} fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
      )}
    </svg>
  )
}
