import 'server-only'

/**
 * Why health information was given out without the patient's written authorization, in the kinds that an accounting has to list
 * (45 CFR 164.528(a)(1) leaves out treatment, payment, operations, what the patient got or authorized, and a few more). The
 * keys stand in the ledger; the words are read by patients and staff.
 */
export const disclosureBases = {
  'required-by-law': 'Required by law',
  'public-health': 'Public health',
  'abuse-report': 'Report of abuse, neglect or domestic violence',
  'health-oversight': 'Health oversight agency',
  'court-order': 'Court or administrative order',
  'law-enforcement': 'Law enforcement',
  'coroner-or-donation': 'Coroner, funeral director or organ donation',
  research: 'Research under a waiver',
  'serious-threat': 'To prevent a serious threat',
  government: 'Military, veterans or another special government function',
  'workers-compensation': 'Workers’ compensation',
  mistake: 'Given out by mistake',
} as const

export type DisclosureBasis = keyof typeof disclosureBases

/** The kind in words; one that an older version knew stands as it was written. */
export function basisInWords(basis: string): string {
  return Object.hasOwn(disclosureBases, basis) ? disclosureBases[basis as DisclosureBasis] : basis
}
