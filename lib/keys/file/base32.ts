import 'server-only'

// Crockford's base 32 without I, L, O, U: what a person reads from paper cannot be mistaken for another digit.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Bytes as text of 5 bits a character; the last one is filled up with zeros. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let [value, bits] = [0, 0]
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((value >>> bits) & 31)
    }
    value &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet.charAt((value << (5 - bits)) & 31)
}

/**
 * Bytes of such a text; what people write for 0 and 1 is understood.
 * @returns undefined when a character is none of the alphabet, or bits are left that were not filled up with zeros
 */
export function fromBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  let [value, bits] = [0, 0]
  for (const letter of canonical(text)) {
    const five = alphabet.indexOf(letter)
    if (five < 0) return undefined
    value = (value << 5) | five
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((value >>> bits) & 255)
    }
    value &= (1 << bits) - 1
  }
  return bits >= 5 || value !== 0 ? undefined : Uint8Array.from(bytes)
}

/** The text in the letters that were printed: capitals, O read as 0, I and L as 1, no spaces. */
export const canonical = (text: string): string =>
  text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
