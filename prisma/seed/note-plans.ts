import type { Calendar } from './calendar.ts'
import type { StaffKey } from './cast.ts'
import { problems, type Problem } from './catalogue/conditions.ts'
import type { PatientRecord } from './patient-bundle.ts'
import { SeededRandom } from './seeded-random.ts'
import type { Visit } from './visits.ts'

/** A note as it will stand in the record; the loader writes it through the door. Times are ISO instants. */
export type NotePlan = {
  key: string
  patient: string
  /** The visit it is about, by its source id. */
  encounter: string
  class: 'clinical' | 'mental-health' | 'substance-use' | 'psychotherapy'
  author: StaffKey
  versions: readonly { writtenAt: string; signed: boolean; title: string; body: string; reason?: string }[]
}

type Written = Omit<NotePlan, 'versions' | 'key'> & { title: string; body: string; writtenAt: string }

/** Notes of the whole clinic: two or three a patient, of every class, most signed, a few amended, a few still drafts. */
export function notePlans(records: readonly PatientRecord[], calendar: Calendar): NotePlan[] {
  return records.flatMap((record) => (record.person.treated ? notesOf(record, calendar) : []))
}

function notesOf(record: PatientRecord, calendar: Calendar): NotePlan[] {
  const random = new SeededRandom(`notes:${record.person.key}`)
  const visits = record.visits.filter((visit) => visit.kind !== 'laboratory').slice(0, 3)
  return visits.flatMap((visit, index) => {
    const base = {
      patient: record.person.key,
      encounter: visit.id,
      writtenAt: calendar.at(visit.daysAgo, visit.hour, visit.minute + 40),
    }
    const written = [doctorNote(record, visit, index, base, random), ...sensitiveNotes(record, base, index)]
    if (index === 0) written.push(nurseNote(base, visit.kind))
    return written.map((note, place) => planOf(note, `${visit.id}-note-${place + 1}`, index))
  })
}

/** The newest notes of some people tell of the other states: a draft that waits, a text that was amended. */
const drafts = new Map<string, StaffKey>([
  ['leonard-kowalczyk', 'ines-moreau'],
  ['wang-xiuying', 'priya-raman'],
  ['gloria-hutchins', 'nadia-osei'],
  ['zoe-dangelo', 'samuel-adeyemi'],
])
const amended = new Set(['maria-reyes', 'jan-van-der-berg', 'agnes-whitcomb', 'marcus-bell', 'patient-004'])

function planOf(note: Written, key: string, visitIndex: number): NotePlan {
  const { title, body, writtenAt, ...about } = note
  const newest = visitIndex === 0
  const draft = newest && drafts.get(note.patient) === note.author
  const first = { writtenAt, signed: !draft, title, body }
  if (!newest || draft || !amended.has(note.patient) || note.author === 'nadia-osei')
    return { ...about, key, versions: [first] }
  const later = new Date(Date.parse(writtenAt) + 26 * 3_600_000).toISOString()
  const second = {
    writtenAt: later,
    signed: true,
    title,
    body: `${body}\n\nAdded after the patient called: the dose was named wrongly above and is corrected in the medication list.`,
    reason: 'Dose named wrongly in the first text',
  }
  return { ...about, key, versions: [first, second] }
}

type Base = Pick<Written, 'patient' | 'encounter' | 'writtenAt'>

function doctorNote(
  record: PatientRecord,
  visit: Visit,
  index: number,
  base: Base,
  random: SeededRandom,
): Written {
  const { kind, practitioner: author } = visit
  const clinical = record.person.problems
    .map((key): Problem => problems[key])
    .filter((problem) => !problem.noteClass)
  const body = [
    kind === 'illness'
      ? random.pick([
          'Three days of sore throat and tiredness, no fever at home. Throat red, no swelling of the neck. Test taken today.',
          'Burning on passing water since two days. No back pain, no fever. Urine sent to the laboratory.',
          'Cough and blocked nose for five days, getting better. Lungs clear. Rest and fluids; come back if breathing gets hard.',
        ])
      : random.pick(openings),
    ...clinical.map((problem) => `${problem.name}: ${sentences(problem, index)}`),
    kind === 'annual'
      ? 'Vaccines and screening reviewed and brought up to date.'
      : 'Next visit as planned; call earlier if anything changes.',
  ]
  const title =
    kind === 'annual'
      ? 'Yearly examination'
      : kind === 'illness'
        ? 'Visit for new symptoms'
        : 'Follow-up visit'
  return { ...base, class: 'clinical', author, title, body: body.join('\n\n') }
}

const openings = [
  'Feels well. Reviewed medicines, allergies and results since the last visit.',
  'Came as planned. No new complaints; sleeps well, appetite good.',
  'Doing better than at the last visit. Medicines are taken as agreed.',
  'A busy month at home, otherwise no change. Results explained and printed on request.',
]

/** The newest visit says all there is to say about a problem, earlier ones a part of it. */
function sentences(problem: Problem, index: number): string {
  return index === 0 ? problem.note.join(' ') : (problem.note[index % problem.note.length] ?? '')
}

function nurseNote(base: Base, kind: string): Written {
  const body =
    kind === 'illness'
      ? 'Arrived on time. Vital signs taken and entered. Allergies confirmed with the patient. Test sample labelled at the bedside.'
      : 'Vital signs taken after five minutes of rest. Medicines checked against the bottles the patient brought. Allergies confirmed.'
  return { ...base, class: 'clinical', author: 'nadia-osei', title: 'Nursing intake', body }
}

function sensitiveNotes(record: PatientRecord, base: Base, index: number): Written[] {
  const known = record.person.problems.map((key): Problem => problems[key])
  const notes: Written[] = []
  for (const problem of known) {
    if (problem.noteClass === 'mental-health') {
      notes.push({
        ...base,
        class: 'mental-health',
        author: 'samuel-adeyemi',
        title: 'Mental health visit',
        body: problem.note.join('\n\n'),
      })
      if (index === 0) {
        const body =
          'Session notes for my own use. Spoke about her father for the first time; long silences. Hypothesis: the Sunday dread repeats the drives back to boarding school. Return to this gently next time.'
        notes.push({
          ...base,
          class: 'psychotherapy',
          author: 'samuel-adeyemi',
          title: 'Session notes',
          body:
            record.person.gender === 'male'
              ? body.replace('her father', 'his father')
              : body.replace('her father', record.person.gender === 'other' ? 'their father' : 'her father'),
        })
      }
    }
    if (problem.noteClass === 'substance-use') {
      notes.push({
        ...base,
        class: 'substance-use',
        author: 'priya-raman',
        title: 'Recovery visit',
        body: problem.note.join('\n\n'),
      })
    }
  }
  return notes
}
