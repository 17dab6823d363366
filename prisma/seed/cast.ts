import type { PersonRole } from '#lib/policy/roles.ts'
import type { Person } from './person.ts'

/**
 * The named people of the demo clinic, of the tests, the documents and the screenshots. Each has one clear reason to
 * exist; whoever needs a case that nobody here stands for adds a person, with the reason.
 */
export type StaffMember = {
  key: string
  name: string
  role: Exclude<PersonRole, 'patient' | 'proxy'>
  jobTitle: string
  specialty?: string
  team: 'primary-care' | 'behavioral-health' | null
  why: string
}

export const demoTeams = {
  'primary-care': 'Riverside Primary Care',
  'behavioral-health': 'Behavioral Health',
} as const

export const staff = [
  { key: 'nadia-osei', name: 'Nadia Osei', role: 'nurse', jobTitle: 'Registered nurse', specialty: 'Nursing', team: 'primary-care', why: 'The nurse of the story: on the team that cares for Maria; enters vital signs and writes notes.' },
  { key: 'ines-moreau', name: 'Dr. Ines Moreau', role: 'clinician', jobTitle: 'Family physician', specialty: 'Family medicine', team: 'primary-care', why: 'Maria\'s own doctor: reviews results, signs and amends notes.' },
  { key: 'priya-raman', name: 'Dr. Priya Raman', role: 'clinician', jobTitle: 'Internist', specialty: 'Internal medicine', team: 'primary-care', why: 'A second doctor of the team, author of notes that Dr. Moreau may read but not change.' },
  { key: 'samuel-adeyemi', name: 'Dr. Samuel Adeyemi', role: 'clinician', jobTitle: 'Clinical psychologist', specialty: 'Clinical psychology', team: 'behavioral-health', why: 'Author of psychotherapy notes, which nobody but he can read.' },
  { key: 'tomasz-krol', name: 'Tomasz Krol', role: 'clinician', jobTitle: 'Emergency physician', specialty: 'Emergency medicine', team: null, why: 'Cares for nobody of the clinic: what he opens is refused and recorded.' },
  { key: 'grace-lindqvist', name: 'Grace Lindqvist', role: 'nurse', jobTitle: 'Registered nurse', specialty: 'Nursing', team: 'primary-care', why: 'A nurse who is also a patient here: two people to the system, two sign-ins.' },
  { key: 'ben-ashby', name: 'Ben Ashby', role: 'billing', jobTitle: 'Billing specialist', team: null, why: 'Sees charges, claims and payments, and not one clinical word.' },
  { key: 'ada-lindgren', name: 'Ada Lindgren', role: 'admin', jobTitle: 'Systems administrator', team: null, why: 'Manages people, roles and sessions, and sees no patient at all.' },
  { key: 'carla-nwosu', name: 'Carla Nwosu', role: 'compliance', jobTitle: 'Compliance officer', team: null, why: 'Asks who opened which record, when and why.' },
] as const satisfies readonly StaffMember[] // prettier-ignore

export type StaffKey = (typeof staff)[number]['key']

/** Who of the patients signs in, and whose record it is. */
export type PortalLogin = {
  key: string
  /** Full name as it stands in the demo's list of accounts. */
  name: string
  role: 'patient' | 'proxy'
  patient: string
  relationship?: string
  why: string
}

export const portalLogins: readonly PortalLogin[] = [
  { key: 'maria-reyes', name: 'Maria Reyes', role: 'patient', patient: 'maria-reyes', why: 'The patient of the story: a new potassium result is above its range.' },
  { key: 'daniel-okafor', name: 'Daniel Okafor', role: 'proxy', patient: 'ella-okafor', relationship: 'Father', why: 'Acts for his daughter Ella, who is nine.' },
  { key: 'grace-lindqvist-patient', name: 'Grace Lindqvist', role: 'patient', patient: 'grace-lindqvist', why: 'The nurse\'s other sign-in, to her own record.' },
  { key: 'siobhan-obrien', name: 'Siobhán O\'Brien-Quinn', role: 'patient', patient: 'siobhan-obrien', why: 'A name with apostrophe, accent and hyphen, and a mental-health note to read.' },
  { key: 'wang-xiuying', name: '王秀英', role: 'patient', patient: 'wang-xiuying', why: 'A name in Chinese characters; prefers Chinese.' },
] // prettier-ignore

const white = 'White'
const black = 'Black or African American'
const asian = 'Asian'
const notHispanic = 'Not Hispanic or Latino'
const hispanic = 'Hispanic or Latino'

/** `today` is the day the clinic is loaded; ages that matter are counted from it. */
export function castPatients(today: string): Person[] {
  const year = Number(today.slice(0, 4))
  return [
    // The patient of the story.
    { key: 'maria-reyes', family: 'Reyes', given: ['Maria', 'Elena'], nickname: 'Maria', gender: 'female', birthDate: '1979-04-02', pronouns: 'she/her', genderIdentity: 'Female', language: 'English', race: 'Other Race', ethnicity: hispanic, marital: 'Married', contact: { name: 'Luis Reyes', relationship: 'Husband', phone: '(312) 555-0117' }, insurer: 'lakeside', problems: ['hypertension', 'prediabetes', 'kidneyStage2'], allergies: ['penicillin'], doctor: 'ines-moreau', visitsPerYear: 4, treated: true },
    // A minor, with her father as proxy.
    { key: 'ella-okafor', family: 'Okafor', given: ['Ella'], gender: 'female', birthDate: `${year - 9}-03-14`, pronouns: 'she/her', race: black, ethnicity: notHispanic, contact: { name: 'Daniel Okafor', relationship: 'Father', phone: '(312) 555-0123' }, insurer: 'prairie', problems: ['asthma', 'eczema'], allergies: ['peanut'], visitsPerYear: 2, treated: true },
    // A deceased patient: the record stays, and is marked.
    { key: 'walter-brandt', family: 'Brandt', given: ['Walter', 'J.'], gender: 'male', birthDate: '1941-09-30', race: white, ethnicity: notHispanic, marital: 'Widowed', deceasedDaysAgo: 210, insurer: 'medicare', problems: ['atrialFibrillation', 'kidneyStage3', 'lungDisease'], allergies: ['sulfa'], visitsPerYear: 5, treated: true },
    // Over 89: an age that the de-identified pages group (45 CFR 164.514(b)(2)(i)(C)).
    { key: 'agnes-whitcomb', family: 'Whitcomb', given: ['Agnes'], gender: 'female', birthDate: `${year - 97}-06-08`, race: white, ethnicity: notHispanic, marital: 'Widowed', contact: { name: 'Judith Whitcomb', relationship: 'Daughter', phone: '(312) 555-0131' }, insurer: 'medicare', problems: ['hypertension', 'kneeArthritis', 'hypothyroidism'], allergies: ['none'], visitsPerYear: 4, treated: true },
    // A member of staff who is also a patient.
    { key: 'grace-lindqvist', family: 'Lindqvist', given: ['Grace'], gender: 'female', birthDate: '1988-12-11', pronouns: 'she/her', race: white, ethnicity: notHispanic, marital: 'Never Married', insurer: 'lakeside', problems: ['migraine', 'ironDeficiency'], allergies: ['latex'], visitsPerYear: 2, treated: true },
    // Nobody treats him: no relationship, so nobody may open the chart.
    { key: 'arthur-penhaligon', family: 'Penhaligon', given: ['Arthur'], gender: 'male', birthDate: '1966-01-19', race: white, ethnicity: notHispanic, insurer: 'prairie', problems: ['reflux'], allergies: ['none'], visitsPerYear: 1, treated: false },
    // Names: apostrophe, accents, hyphen, ligatures, particles, other scripts, right to left, very long.
    { key: 'siobhan-obrien', family: "O'Brien-Quinn", given: ['Siobhán'], gender: 'female', birthDate: '1992-02-29', pronouns: 'she/her', race: white, ethnicity: notHispanic, marital: 'Never Married', insurer: 'prairie', problems: ['depression', 'asthma'], allergies: ['pollen'], visitsPerYear: 5, treated: true },
    { key: 'zoe-dangelo', family: "D'Angelo", given: ['Zoë'], gender: 'female', birthDate: '2001-10-05', race: white, ethnicity: notHispanic, insurer: 'lakeside', problems: ['anxiety'], allergies: ['none'], visitsPerYear: 4, treated: true },
    { key: 'wang-xiuying', family: '王', given: ['秀英'], gender: 'female', birthDate: '1957-08-21', language: 'Chinese', race: asian, ethnicity: notHispanic, marital: 'Married', insurer: 'medicare', problems: ['diabetes', 'hypertension', 'highCholesterol'], allergies: ['none'], visitsPerYear: 4, treated: true },
    { key: 'olena-shevchenko', family: 'Шевченко', given: ['Олена'], gender: 'female', birthDate: '1984-05-17', language: 'Ukrainian', race: white, ethnicity: notHispanic, insurer: 'medicaid', problems: ['hypothyroidism'], allergies: ['none'], visitsPerYear: 3, treated: true },
    { key: 'amina-haddad', family: 'حداد', given: ['أمينة'], gender: 'female', birthDate: '1990-07-03', language: 'Arabic', race: 'Other Race', ethnicity: notHispanic, marital: 'Married', insurer: 'medicaid', problems: ['ironDeficiency'], allergies: ['none'], visitsPerYear: 3, treated: true },
    { key: 'hanh-nguyen', family: 'Nguyễn', given: ['Thị', 'Hạnh'], gender: 'female', birthDate: '1973-11-27', language: 'Vietnamese', race: asian, ethnicity: notHispanic, insurer: 'prairie', problems: ['highCholesterol'], allergies: ['sulfa'], visitsPerYear: 2, treated: true },
    { key: 'maria-jose-fernandez', family: 'Fernández-Núñez', given: ['María José'], gender: 'female', birthDate: '1969-03-25', language: 'Spanish', race: 'Other Race', ethnicity: hispanic, marital: 'Divorced', insurer: 'medicaid', problems: ['diabetes', 'kneeArthritis'], allergies: ['penicillin'], visitsPerYear: 4, treated: true },
    { key: 'jan-van-der-berg', family: 'van der Berg', given: ['Jan', 'Willem'], nickname: 'JW', gender: 'male', birthDate: '1949-12-31', pronouns: 'he/him', race: white, ethnicity: notHispanic, marital: 'Married', insurer: 'medicare', problems: ['atrialFibrillation', 'highCholesterol'], allergies: ['none'], visitsPerYear: 6, treated: true },
    // Pronouns and a chosen name that differ from what the insurer has.
    { key: 'robin-castellano', family: 'Castellano', given: ['Roberta'], nickname: 'Robin', gender: 'other', birthDate: '1998-06-15', pronouns: 'they/them', genderIdentity: 'Non-binary', race: white, ethnicity: hispanic, insurer: 'lakeside', problems: ['anxiety', 'migraine'], allergies: ['none'], visitsPerYear: 3, treated: true },
    // Substance-use notes, which 42 CFR Part 2 keeps apart.
    { key: 'marcus-bell', family: 'Bell', given: ['Marcus'], gender: 'male', birthDate: '1985-09-12', race: black, ethnicity: notHispanic, insurer: 'medicaid', problems: ['opioidUse', 'depression'], allergies: ['none'], visitsPerYear: 6, treated: true },
    { key: 'patrick-doyle', family: 'Doyle', given: ['Patrick'], gender: 'male', birthDate: '1971-04-08', race: white, ethnicity: notHispanic, insurer: 'lakeside', problems: ['alcoholUse', 'hypertension'], allergies: ['latex'], visitsPerYear: 4, treated: true },
    // Critical results that wait for review.
    { key: 'leonard-kowalczyk', family: 'Kowalczyk', given: ['Leonard'], gender: 'male', birthDate: '1952-02-14', race: white, ethnicity: notHispanic, marital: 'Married', insurer: 'medicare', problems: ['atrialFibrillation', 'hypertension'], allergies: ['none'], visitsPerYear: 6, treated: true },
    { key: 'gloria-hutchins', family: 'Hutchins', given: ['Gloria'], prefix: 'Mrs.', gender: 'female', birthDate: '1963-08-30', race: black, ethnicity: notHispanic, marital: 'Married', insurer: 'prairie', problems: ['ironDeficiency', 'kneeArthritis'], allergies: ['sulfa'], visitsPerYear: 4, treated: true },
  ] // prettier-ignore
}
