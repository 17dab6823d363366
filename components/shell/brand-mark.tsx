/** The open eye: Vigil watches who looks. */
export function BrandMark() {
  return (
    <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true" focusable="false" className="shrink-0">
      <rect width="32" height="32" rx="9" fill="#0b4f8a" />
      <g fill="none" stroke="#fff" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <path d="M7 16s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6z" />
        <circle cx="16" cy="16" r="2.8" />
      </g>
    </svg>
  )
}
