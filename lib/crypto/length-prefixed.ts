/**
 * Joins texts so that no two different lists give the same bytes: each part is preceded by its UTF-8
 * length as 32 bits, big-endian. (Joining with a separator would let `a|b` + `c` equal `a` + `b|c`.)
 */
export function lengthPrefixed(...parts: readonly string[]): Buffer {
  let size = 0
  const lengths = parts.map((part) => {
    const length = Buffer.byteLength(part, 'utf8')
    size += 4 + length
    return length
  })
  const joined = Buffer.allocUnsafe(size)
  let at = 0
  parts.forEach((part, index) => {
    at = joined.writeUInt32BE(lengths[index] ?? 0, at)
    at += joined.write(part, at, 'utf8')
  })
  return joined
}
