import type { ActorDetector } from './detector.ts'

const deniedLeast = 10
const weight = 6

/** D11: ten or more refused attempts in a day. Record ids are random, so that there is no sequence to be found in them. */
export const deniedProbing: ActorDetector = {
  rule: 'D11',
  title: 'Many refused attempts',
  say: ({ denied = 0 }) => `${denied} attempts were refused in one day.`,
  detect: ({ denied }) => (denied < deniedLeast ? null : { weight, numbers: { denied } }),
}
