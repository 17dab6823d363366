/**
 * What a page says for a word in its address, such as `?done=saved`: one of its own words, and nothing for any other. Asking the
 * table alone would also find what every object has by birth, such as `constructor`.
 */
export function wordFor(
  given: string | string[] | undefined,
  words: Readonly<Record<string, string>>,
): string | undefined {
  return typeof given === 'string' && Object.hasOwn(words, given) ? words[given] : undefined
}
