import type { HumanName } from './schema/datatypes.ts'

/** Which of several names is the one in use: `official` and `usual` before the rest, `old` and `maiden` last. */
const byUse = ['official', 'usual', undefined, 'temp', 'anonymous', 'nickname', 'maiden', 'old']

/** The name a record is kept under. A period that is over counts like `old`. */
export function currentName(names: readonly HumanName[] | undefined): HumanName | null {
  const rank = (name: HumanName) => {
    const place = byUse.indexOf(name.use)
    return (place === -1 ? byUse.length : place) + (name.period?.end ? byUse.length : 0)
  }
  return [...(names ?? [])].sort((one, other) => rank(one) - rank(other))[0] ?? null
}

/** `Dr. Ines Moreau`, in the order of the parts or as the source wrote it; null for a name without words. */
export function nameText(name: HumanName | null | undefined): string | null {
  if (!name) return null
  const parts = [...(name.prefix ?? []), ...(name.given ?? []), name.family, ...(name.suffix ?? [])]
  const joined = parts.filter((part) => part?.trim()).join(' ')
  return joined || name.text?.trim() || null
}
