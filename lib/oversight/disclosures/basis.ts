import 'server-only'

import { disclosureBases } from '#lib/records/shared/disclosure-basis.ts'

/** Kinds of disclosures in words, for tables. */
export const basisWords: Readonly<Record<string, string>> = disclosureBases

/** The same for a choice in a form. */
export const basisOptions = Object.entries(disclosureBases).map(([value, label]) => ({ value, label }))
