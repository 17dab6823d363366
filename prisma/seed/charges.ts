import type { Calendar } from './calendar.ts'
import { insurers } from './catalogue/insurers.ts'
import { cents, concept, cpt, dollars, hl7Concept, reference, type FhirResource } from './fhir-json.ts'
import type { Person } from './person.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { Visit } from './visits.ts'

export type Charge = { cpt: string; name: string; price: number }

/** What a patient paid at the desk or by post; FHIR's claims say only what an insurer paid. */
export type PatientPayment = {
  key: string
  patient: string
  claim: string
  paidAt: string
  amount: number
  method: 'card' | 'check' | 'cash'
}

const visitCharge: Record<Visit['kind'], Charge> = {
  annual: { cpt: '99396', name: 'Preventive visit, established patient', price: 212 },
  'follow-up': { cpt: '99213', name: 'Office visit, established patient, 20 minutes', price: 134 },
  illness: { cpt: '99214', name: 'Office visit, established patient, 30 minutes', price: 189 },
  laboratory: { cpt: '36415', name: 'Collection of blood by venipuncture', price: 14 },
}

/**
 * The claim for a visit, the insurer's decision and the patient's payment, as far as they have got by today: decided
 * after about two weeks, paid by the patient after about five; one claim in twenty is refused.
 */
export function chargeResources(
  person: Person,
  visit: Visit,
  further: readonly Charge[],
  diagnoses: readonly string[],
  calendar: Calendar,
  random: SeededRandom,
): { resources: FhirResource[]; payments: PatientPayment[] } {
  const insurer = insurers[person.insurer]
  const charges = [visitCharge[visit.kind], ...further]
  const total = cents(charges.reduce((sum, charge) => sum + charge.price, 0))
  const claimId = `${visit.id}-claim`
  const start = calendar.at(visit.daysAgo, visit.hour, visit.minute)
  const claim: FhirResource = {
    resourceType: 'Claim',
    id: claimId,
    identifier: [{ system: 'https://riverside.example/claims', value: claimNumber(visit.id) }],
    status: 'active',
    type: hl7Concept('claim-type', 'professional'),
    use: 'claim',
    patient: reference('Patient', person.key),
    billablePeriod: { start, end: calendar.at(visit.daysAgo, visit.hour, visit.minute + 30) },
    created: calendar.at(visit.daysAgo, 17),
    provider: reference('Organization', 'riverside-clinic', 'Riverside Clinic'),
    priority: hl7Concept('processpriority', 'normal'),
    diagnosis: diagnoses.map((id, index) => ({
      sequence: index + 1,
      diagnosisReference: reference('Condition', id),
    })),
    insurance: [
      { sequence: 1, focal: true, coverage: reference('Coverage', `${person.key}-coverage`, insurer.name) },
    ],
    item: charges.map((charge, index) => ({
      sequence: index + 1,
      productOrService: concept(cpt, charge.cpt, charge.name),
      servicedDate: calendar.day(visit.daysAgo),
      quantity: { value: 1 },
      unitPrice: dollars(charge.price),
      net: dollars(charge.price),
      ...(index === 0 ? { encounter: [reference('Encounter', visit.id)] } : {}),
    })),
    total: dollars(total),
  }
  const decidedDaysAgo = visit.daysAgo - random.between(9, 21)
  if (decidedDaysAgo < 1) return { resources: [claim], payments: [] }
  const decision = decide(total, insurer, random.chance(0.05))
  const benefit = benefitResource(person, visit, claimId, decision, decidedDaysAgo, calendar)
  const paidDaysAgo = decidedDaysAgo - random.between(6, 34)
  const pays = decision.owed > 0 && paidDaysAgo >= 1 && !decision.refused && random.chance(0.86)
  const payment: PatientPayment = {
    key: `${claimId}-patient-payment`,
    patient: person.key,
    claim: claimId,
    paidAt: calendar.at(paidDaysAgo, random.between(9, 16), random.between(0, 59)),
    amount: decision.owed,
    method: random.pick(['card', 'card', 'card', 'check', 'cash'] as const),
  }
  return { resources: [claim, benefit], payments: pays ? [payment] : [] }
}

type Decision = {
  total: number
  allowed: number
  copay: number
  coinsurance: number
  paid: number
  owed: number
  refused: boolean
}

function decide(total: number, insurer: { allowedShare: number; copay: number }, refused: boolean): Decision {
  if (refused) return { total, allowed: 0, copay: 0, coinsurance: 0, paid: 0, owed: total, refused }
  const allowed = cents(total * insurer.allowedShare)
  const copay = Math.min(allowed, insurer.copay)
  const coinsurance = insurer.copay === 0 ? 0 : cents((allowed - copay) * 0.1)
  return {
    total,
    allowed,
    copay,
    coinsurance,
    paid: cents(allowed - copay - coinsurance),
    owed: cents(copay + coinsurance),
    refused,
  }
}

function benefitResource(
  person: Person,
  visit: Visit,
  claimId: string,
  decision: Decision,
  decidedDaysAgo: number,
  calendar: Calendar,
): FhirResource {
  const insurer = insurers[person.insurer]
  const amount = (code: string, value: number) => ({
    category: hl7Concept('adjudication', code),
    amount: dollars(value),
  })
  return {
    resourceType: 'ExplanationOfBenefit',
    id: `${visit.id}-decision`,
    status: 'active',
    type: hl7Concept('claim-type', 'professional'),
    use: 'claim',
    patient: reference('Patient', person.key),
    created: calendar.at(decidedDaysAgo, 11),
    insurer: { display: insurer.name },
    provider: reference('Organization', 'riverside-clinic', 'Riverside Clinic'),
    claim: reference('Claim', claimId),
    outcome: decision.refused ? 'error' : 'complete',
    insurance: [{ focal: true, coverage: reference('Coverage', `${person.key}-coverage`, insurer.name) }],
    total: [
      amount('submitted', decision.total),
      amount('eligible', decision.allowed),
      amount('benefit', decision.paid),
      ...(decision.refused
        ? [amount('memberliability', decision.owed)]
        : [amount('copay', decision.copay), amount('coinsurance', decision.coinsurance)]),
    ],
    ...(decision.paid > 0
      ? {
          payment: {
            date: calendar.day(decidedDaysAgo),
            amount: dollars(decision.paid),
            identifier: { value: `EFT-${claimNumber(visit.id).slice(4)}` },
          },
        }
      : {}),
  }
}

/** `RCL-` and eight digits that stay the same from load to load. */
function claimNumber(visitId: string): string {
  let number = 0
  for (const character of visitId) number = (number * 33 + character.charCodeAt(0)) % 90_000_000
  return `RCL-${10_000_000 + number}`
}
