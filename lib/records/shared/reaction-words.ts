import 'server-only'

/**
 * The reactions of an allergy in one line, such as "Hives (mild); Swelling": they come as words, or as objects that
 * carry them (`manifestations`, `severity`), depending on their source. Null when there are none.
 */
export function reactionWords(reactions: unknown): string | null {
  if (!Array.isArray(reactions)) return null
  const words = (reactions as unknown[]).flatMap((reaction) => {
    if (typeof reaction === 'string') return [reaction]
    if (typeof reaction !== 'object' || reaction === null) return []
    const { manifestations, manifestation, severity } = reaction as Record<string, unknown>
    const named = [manifestations, manifestation].flat().filter((text) => typeof text === 'string')
    const text = named.join(', ')
    return text === '' ? [] : [typeof severity === 'string' ? `${text} (${severity})` : text]
  })
  return words.length > 0 ? words.join('; ') : null
}
