import { Calendar } from './calendar.ts'
import { castPatients, staff, type StaffMember } from './cast.ts'
import type { PatientPayment } from './charges.ts'
import { crowd } from './crowd.ts'
import type { FhirResource } from './fhir-json.ts'
import { observation, resultId } from './laboratory.ts'
import { notePlans, type NotePlan } from './note-plans.ts'
import { patientRecord, storyVisit } from './patient-bundle.ts'
import type { Person } from './person.ts'
import { corrections, laboratoryStories } from './stories.ts'

export type DemoClinic = {
  /** Staff and organisations, for the directory. */
  directory: FhirResource[]
  /** Each patient's resources as they first came in. */
  patients: { person: Person; resources: FhirResource[] }[]
  /** Results that the laboratory took back and sent again. */
  corrections: FhirResource[]
  notes: NotePlan[]
  payments: PatientPayment[]
}

const patientCount = 60

/**
 * Riverside Clinic: sixty patients with five years of visits, the same on every machine and relative to `today`
 * (the clinic's own day, `YYYY-MM-DD`), so that the newest results are always yesterday's. All of it is invented.
 */
export function generateClinic(today: string, patients = patientCount): DemoClinic {
  const calendar = new Calendar(today)
  const cast = castPatients(today).slice(0, patients)
  const people = [...cast, ...crowd(patients - cast.length, today)]
  const records = people.map((person) => patientRecord(person, calendar))
  return {
    directory: directoryResources(),
    patients: records.map(({ person, resources }) => ({ person, resources })),
    corrections: correctionResources(people, calendar),
    notes: notePlans(records, calendar),
    payments: records.flatMap((record) => record.payments),
  }
}

function directoryResources(): FhirResource[] {
  const organisation = (id: string, name: string): FhirResource => ({
    resourceType: 'Organization',
    id,
    active: true,
    name,
  })
  const known: readonly StaffMember[] = staff
  const clinicians = known.filter((member) => member.specialty !== undefined)
  return [
    organisation('riverside-clinic', 'Riverside Clinic'),
    organisation('riverside-lab', 'Riverside Lab'),
    ...clinicians.map((member): FhirResource => ({
      resourceType: 'Practitioner',
      id: member.key,
      active: true,
      name: [{ text: member.name }],
    })),
    ...clinicians.map((member): FhirResource => ({
      resourceType: 'PractitionerRole',
      id: `${member.key}-role`,
      active: true,
      practitioner: { reference: `Practitioner/${member.key}` },
      specialty: [{ text: member.specialty }],
    })),
  ]
}

function correctionResources(people: readonly Person[], calendar: Calendar): FhirResource[] {
  return corrections.flatMap((correction) => {
    const person = people.find((one) => one.key === correction.patient)
    const stories = laboratoryStories.filter((story) => story.patient === correction.patient)
    const index = stories.findIndex((story) => story.daysAgo === correction.daysAgo)
    const story = stories[index]
    if (!person || !story) return []
    const visit = storyVisit(story, index)
    return [
      {
        ...observation(person, visit, correction.test, correction.value, calendar),
        id: resultId(visit, correction.test),
        status: correction.status,
        issued: calendar.at(correction.correctedDaysAgo, 17, 25),
        note: [{ text: correction.note }],
      },
    ]
  })
}
