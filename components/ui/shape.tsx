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
  up: 'M6 1l5.500 10H.5z',
  'double-up': 'M6 0l5 5.600H1zM6 6.400l5 5.600H1z',
  down: 'M6 11L.5 1h11z',
  'double-down': 'M6 12L1 6.400h10zM6 5.600L1 0h10z',
  diamond: 'M6 .5L11.500 6 6 11.500.5 6z',
  star: 'M6 0l1.600 4.100L12 4.500 8.600 7.400 9.700 12 6 9.500 2.300 12l1.100-4.600L0 4.500l4.400-.4z',
  dot: 'M6 3a3 3 0 110 6 3 3 0 010-6z',
}
const lined: Partial<Record<ShapeName, string>> = {
  check: 'M1.500 6.500l3 3 6-7',
  cross: 'M2 2l8 8M10 2l-8 8',
  alert: 'M6 1v6.500M6 10.500v.500',
  info: 'M6 1v.500M6 4.500V11',
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
        <path d={lined[name]} fill="none" stroke="currentColor" strokeWidth="2.200" strokeLinecap="round" />
      )}
    </svg>
  )
}
