import { colleague } from './detectors/colleague.ts'
import { confidentialRecord } from './detectors/confidential-record.ts'
import { deniedProbing } from './detectors/denied-probing.ts'
import type { AccessDetector, ActorDetector, Rule } from './detectors/detector.ts'
import { dormantAccount } from './detectors/dormant-account.ts'
import { emergencyRate } from './detectors/emergency-rate.ts'
import { emergencyWithoutCare } from './detectors/emergency-without-care.ts'
import { exportAfterRead } from './detectors/export-after-read.ts'
import { newNetwork } from './detectors/new-network.ts'
import { noRelationship } from './detectors/no-relationship.ts'
import { outsideUsualHours } from './detectors/outside-usual-hours.ts'
import { sameHousehold } from './detectors/same-household.ts'
import { sameSurname } from './detectors/same-surname.ts'
import { slowDrip } from './detectors/slow-drip.ts'
import { staleRecord } from './detectors/stale-record.ts'
import { unexplainedBurst } from './detectors/unexplained-burst.ts'
import { volumeSpike } from './detectors/volume-spike.ts'

/** All that look at one record. */
export const accessDetectors: readonly AccessDetector[] = [
  noRelationship,
  sameSurname,
  sameHousehold,
  colleague,
  confidentialRecord,
  outsideUsualHours,
  emergencyWithoutCare,
  staleRecord,
]

/** All that look at a person's whole day. */
export const actorDetectors: readonly ActorDetector[] = [
  volumeSpike,
  unexplainedBurst,
  slowDrip,
  emergencyRate,
  deniedProbing,
  newNetwork,
  dormantAccount,
  exportAfterRead,
]

const byRule = new Map<Rule, AccessDetector | ActorDetector>(
  [...accessDetectors, ...actorDetectors].map((detector) => [detector.rule, detector]),
)

/** The head and the sentence of a finding that was kept. */
export function findingInWords(
  rule: Rule,
  numbers: Readonly<Record<string, number>>,
): { title: string; sentence: string } {
  const detector = byRule.get(rule)
  return { title: detector?.title ?? rule, sentence: detector?.say(numbers) ?? '' }
}
