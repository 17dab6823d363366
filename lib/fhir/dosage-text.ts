import { conceptText } from './concept.ts'
import { numberText, quantityText, rangeText } from './quantity.ts'
import type { Dosage } from './schema/datatypes.ts'

type Timing = NonNullable<Dosage['timing']>
type Repeat = NonNullable<Timing['repeat']>

/** HL7 v3 GTSAbbreviation: the timings that are sent as one code. */
const codedTiming = new Map([
  ['QD', 'once a day'],
  ['BID', 'twice a day'],
  ['TID', '3 times a day'],
  ['QID', '4 times a day'],
  ['QOD', 'every other day'],
  ['Q4H', 'every 4 hours'],
  ['Q6H', 'every 6 hours'],
  ['Q8H', 'every 8 hours'],
  ['AM', 'in the morning'],
  ['PM', 'in the afternoon'],
  ['BED', 'at bedtime'],
  ['WK', 'once a week'],
  ['MO', 'once a month'],
])
const eventWords = new Map([
  ['MORN', 'in the morning'],
  ['AFT', 'in the afternoon'],
  ['EVE', 'in the evening'],
  ['NIGHT', 'at night'],
  ['HS', 'at bedtime'],
  ['AC', 'before meals'],
  ['PC', 'after meals'],
  ['C', 'with meals'],
  ['CM', 'with breakfast'],
  ['CD', 'with lunch'],
  ['CV', 'with dinner'],
  ['ACM', 'before breakfast'],
  ['PCM', 'after breakfast'],
])
const unitWords = new Map([
  ['s', 'second'],
  ['min', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['wk', 'week'],
  ['mo', 'month'],
  ['a', 'year'],
])

/** How to take a medicine, in words: the source's own, else made from the structured dosage. Null when there is none. */
export function dosageText(dosages: readonly Dosage[] | undefined): string | null {
  const ordered = [...(dosages ?? [])].sort((one, other) => (one.sequence ?? 0) - (other.sequence ?? 0))
  return ordered.map(oneDosage).filter(Boolean).join('; then ') || null
}

function oneDosage(dosage: Dosage): string {
  const own = dosage.text?.trim() || dosage.patientInstruction?.trim()
  if (own) return own
  const sentence = [
    conceptText(dosage.method),
    doseText(dosage),
    conceptText(dosage.route)?.toLowerCase(),
    conceptText(dosage.site),
    timingText(dosage.timing),
    asNeededText(dosage),
  ]
    .filter(Boolean)
    .join(' ')
  const further = (dosage.additionalInstruction ?? []).map(conceptText).filter(Boolean)
  return [capitalised(sentence), ...further].filter(Boolean).join('. ')
}

function doseText(dosage: Dosage): string | null {
  for (const dose of dosage.doseAndRate ?? []) {
    const amount = quantityText(dose.doseQuantity) ?? rangeText(dose.doseRange)
    // A bare number counts whatever the medicine comes in (tablets, puffs).
    if (amount) return /^[\d.]+$/.test(amount) ? `${amount} ${amount === '1' ? 'dose' : 'doses'}` : amount
  }
  return null
}

function timingText(timing: Timing | undefined): string | null {
  const repeat = timing?.repeat
  const words = repeat
    ? [rateText(repeat), whenText(repeat), durationText(repeat)].filter(Boolean).join(' ')
    : ''
  if (words) return words
  const code = timing?.code?.coding?.find((coding) => codedTiming.has(coding.code ?? ''))?.code
  return (code ? codedTiming.get(code) : null) ?? conceptText(timing?.code)
}

function rateText(repeat: Repeat): string | null {
  const unit = unitWords.get(repeat.periodUnit ?? '')
  if (!unit || repeat.period === undefined) {
    return repeat.frequency === undefined ? null : times(repeat.frequency, repeat.frequencyMax)
  }
  const frequency = repeat.frequency ?? 1
  const span =
    repeat.periodMax === undefined ? numberText(repeat.period) : `${repeat.period}–${repeat.periodMax}`
  if (span === '1') return `${times(frequency, repeat.frequencyMax)} ${unit === 'hour' ? 'an' : 'a'} ${unit}`
  const every = `every ${span} ${unit}s`
  return frequency === 1 && repeat.frequencyMax === undefined
    ? every
    : `${times(frequency, repeat.frequencyMax)} ${every}`
}

function times(frequency: number, most: number | undefined): string {
  if (most !== undefined) return `${frequency}–${most} times`
  return frequency === 1 ? 'once' : frequency === 2 ? 'twice' : `${frequency} times`
}

function whenText(repeat: Repeat): string | null {
  const events = (repeat.when ?? []).map((event) => eventWords.get(event) ?? event)
  const days = repeat.dayOfWeek && repeat.dayOfWeek.length > 0 ? [`on ${repeat.dayOfWeek.join(', ')}`] : []
  const clock = (repeat.timeOfDay ?? []).map((time) => `at ${time.slice(0, 5)}`)
  return [...events, ...days, ...clock].join(', ') || null
}

function durationText(repeat: Repeat): string | null {
  const duration = repeat.boundsDuration
  if (duration?.value !== undefined) {
    const unit = unitWords.get(duration.code ?? '')
    return `for ${unit ? `${duration.value} ${unit}${duration.value === 1 ? '' : 's'}` : quantityText(duration)}`
  }
  return repeat.count === undefined ? null : `${repeat.count} times in all`
}

function asNeededText(dosage: Dosage): string | null {
  const reason = conceptText(dosage.asNeededCodeableConcept)
  if (reason) return `as needed for ${reason}`
  return dosage.asNeededBoolean ? 'as needed' : null
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
