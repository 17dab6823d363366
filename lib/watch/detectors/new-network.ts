import type { ActorDetector } from './detector.ts'

const patientsLeast = 8
const switchMinutesMost = 10
const weight = 5

/**
 * D12: eight or more patients from a network (/24, or /48 of IPv6) or device that this person never used before, or accesses from
 * two networks within ten minutes of which one was never used before: somebody else may be signed in.
 */
export const newNetwork: ActorDetector = {
  rule: 'D12',
  title: 'A network or device that is new for this person',
  say: ({ patients = 0, minutes = -1 }) =>
    minutes >= 0
      ? `${patients} patients from a network that is new for this person, within ${minutes.toFixed(0)} minutes of the usual one.`
      : `${patients} patients from a network or device that is new for this person.`,
  detect: ({ newNetworkPatients: patients, networkSwitchMinutes: minutes }) => {
    const isSwitch = patients > 0 && minutes !== null && minutes < switchMinutesMost
    if (patients < patientsLeast && !isSwitch) return null
    return { weight, numbers: isSwitch ? { patients, minutes } : { patients } }
  },
}
