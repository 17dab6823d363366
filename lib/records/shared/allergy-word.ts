import 'server-only'

/** An entry of the allergy list, as far as the banner needs it. */
export type AllergyRow = {
  /** `none-known` is the recorded fact that there is none. */
  kind: string | null
  display: string
  criticality: string | null
  clinicalStatus: string | null
  verificationStatus: string | null
}

/** What a banner selects of the allergies; a view has to declare `kind`, `display` and `criticality`. */
export const allergySelect = {
  take: 50,
  orderBy: { recordedAt: 'desc' },
  select: { kind: true, display: true, criticality: true, clinicalStatus: true, verificationStatus: true },
} as const

/** The encrypted ones among them, for an admission that asks for fewer than its view declares. */
export const allergyFields: readonly string[] = ['kind', 'criticality', 'display']

/** Whether an entry still counts: neither over, nor refuted, nor a mistake. */
export function isCurrentAllergy(row: AllergyRow): boolean {
  const over = row.clinicalStatus === 'inactive' || row.clinicalStatus === 'resolved'
  return !over && row.verificationStatus !== 'refuted' && row.verificationStatus !== 'entered-in-error'
}

/**
 * The allergies in one line: the dangerous ones first, at most two by name. Somebody asked and there are none, and
 * nobody wrote anything down, are two different facts and two different texts.
 */
export function allergyWord(rows: readonly AllergyRow[]): { allergies: string; allergyAlert: boolean } {
  const current = rows.filter(isCurrentAllergy)
  const real = current.filter((row) => row.kind !== 'none-known')
  if (real.length === 0) {
    return { allergies: current.length > 0 ? 'No known allergies' : 'None recorded', allergyAlert: false }
  }
  const ordered = [...real.filter(isHighRisk), ...real.filter((row) => !isHighRisk(row))]
  const named = ordered
    .slice(0, 2)
    .map((row) => (isHighRisk(row) ? `${allergenName(row.display)} (high risk)` : allergenName(row.display)))
  const more = ordered.length - named.length
  return { allergies: named.join(', ') + (more > 0 ? ` and ${more} more` : ''), allergyAlert: true }
}

/** Some sources name the allergy and not what causes it: under the heading "Allergies" the first words say nothing. */
export function allergenName(display: string): string {
  const name = display.replace(/^(allergy|intolerance) to /i, '')
  return name.charAt(0).toLocaleUpperCase('en-US') + name.slice(1)
}

function isHighRisk(row: AllergyRow): boolean {
  return row.criticality === 'high'
}
