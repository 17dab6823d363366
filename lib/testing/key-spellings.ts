/** A key as it could stand in a file or a log: its bytes, and what programs write bytes as. By name of the spelling. */
export function keySpellings(key: Buffer): [string, Buffer][] {
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), key])
      .toString('base64')
      .slice(4, 36),
  )
  const texts: [string, string][] = [
    ['hex', key.toString('hex')],
    ['HEX', key.toString('hex').toUpperCase()],
    ...shifted.map((text): [string, string] => ['base64', text]),
    ...shifted.map((text): [string, string] => ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')]),
    ['listed', key.subarray(0, 12).join(',')],
    ['inspected', key.toString('hex', 0, 12).replaceAll(/(..)(?!$)/g, '$1 ')],
    ['latin1 as UTF-8', key.toString('latin1', 0, 12)],
  ]
  return [
    ['raw', key.subarray(0, 12)],
    ...texts.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
  ]
}

/** The spellings of any of the keys that occur in a content. */
export function keysIn(content: Buffer, keys: readonly Buffer[]): string[] {
  return keys.flatMap((key) =>
    keySpellings(key).flatMap(([spelling, bytes]) => (content.includes(bytes) ? [spelling] : [])),
  )
}
