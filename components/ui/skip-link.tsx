/** The first stop of the Tab key on every page; visible only while it has the focus. Leads to the `main` element that a shell draws. */
export function SkipLink() {
  return (
    <a
      href="#main"
      className="sr-only z-50 rounded-lg bg-card px-4 py-2 font-semibold text-link focus:not-sr-only focus:fixed focus:top-3 focus:left-3 print:hidden"
    >
      Skip to main content
    </a>
  )
}
