import type { AccessDetector } from './detector.ts'

const bitsLeast = 6

/**
 * D2: unexplained, and person and patient share a surname that is rare: −log2 of the share of patients who have it is at
 * least 6 bits (one in 64 or fewer). Weight: bits − 3, because the rarer, the less likely by chance. Compared by keyed tokens of
 * 12 bits, so that one in 4,096 pairs of different names passes for the same.
 */
export const sameSurname: AccessDetector = {
  rule: 'D2',
  title: 'Same surname',
  say: ({ bits = 0 }) =>
    `They share a surname that about one patient in ${Math.round(2 ** bits).toLocaleString('en-US')} has.`,
  detect: ({ ties }, isExplained) =>
    isExplained || ties.surnameBits < bitsLeast
      ? null
      : { weight: ties.surnameBits - 3, numbers: { bits: ties.surnameBits } },
}
