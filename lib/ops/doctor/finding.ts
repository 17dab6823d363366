import 'server-only'

/** One thing that was looked at. `detail` says what was found; for a finding also what to do about it. */
export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string }

export const fine = (name: string, detail: string): Check => ({ name, ok: true, detail })

export const finding = (name: string, detail: string): Check => ({ name, ok: false, detail })

/** A check that looks for offenders: fine when there are none. */
export const none = (name: string, offenders: readonly string[], fineText: string, advice: string): Check =>
  offenders.length === 0 ? fine(name, fineText) : finding(name, `${offenders.join(', ')}: ${advice}`)
