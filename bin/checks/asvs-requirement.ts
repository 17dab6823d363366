/**
 * A test that shows a requirement: its file, and words of its title or of the title of its group that no other test of the file has.
 * Several tests may have the words in common where they show it together.
 */
export type Evidence = readonly [file: string, words: string]

/** What became of a requirement: tests or a written page show it, it is about something that Vigil is not, or it is not met. */
export type Standing =
  | { readonly shownBy: readonly Evidence[]; readonly writtenIn?: readonly string[]; readonly note?: string }
  | { readonly writtenIn: readonly string[]; readonly shownBy?: undefined; readonly note?: string }
  | { readonly notApplicable: string }
  | { readonly open: string; readonly shownBy?: readonly Evidence[] }

/** One requirement of OWASP ASVS 5.0.0, told in our own words. */
export type Requirement = {
  readonly id: string
  readonly level: 1 | 2 | 3
  readonly what: string
} & Standing

/** A requirement by its number in the standard (`6.2.4`), its level, what it asks, and what became of it. */
export const requirement = (id: string, level: 1 | 2 | 3, what: string, standing: Standing): Requirement => ({
  id,
  level,
  what,
  ...standing,
})
