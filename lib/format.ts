/**
 * How dates, times, ages, money and names are written. Every time zone is named by the caller's argument or is the clinic's: the zone of
 * the machine is never used, so a server in UTC and a test in Tokyo print the same page. A day without a time (a birth date) is text from
 * end to end and never becomes a `Date`, which would move it by a day for half of the world.
 */
import { clinic } from './clinic.ts'

/** "November 21, 2026, 8:30 a.m. CST". Takes an ISO instant; one that is only a day ("2026-11-21") is written as a day. */
export function formatDateTimeForPatient(iso: string, timeZone: string = clinic.timeZone): string {
  if (isDateOnly(iso)) return formatDateForPatient(iso)
  return `${formatDateForPatient(iso, timeZone)}, ${formatTimeForPatient(iso, timeZone)}`
}

/** "November 21, 2026", of an instant in the given zone or of a `YYYY-MM-DD` day. */
export function formatDateForPatient(iso: string, timeZone: string = clinic.timeZone): string {
  const [year, month, day] = dayParts(isDateOnly(iso) ? iso : localDay(iso, timeZone))
  return `${monthNames[month - 1]} ${day}, ${year}`
}

/** "8:30 a.m. CST", "noon CST", "midnight CST": the way the public writes the time of day. */
export function formatTimeForPatient(iso: string, timeZone: string = clinic.timeZone): string {
  const { hour, minute } = clockParts(iso, timeZone)
  return `${timeOfDay(Number(hour), minute)} ${zoneAbbreviation(iso, timeZone)}`
}

/** A heading over one day of a list: "Today, November 22", "Friday, November 20", with the year when it is another. `now` is an ISO instant. */
export function formatDayHeading(iso: string, now: string, timeZone: string = clinic.timeZone): string {
  const day = isDateOnly(iso) ? iso : localDay(iso, timeZone)
  const today = localDay(now, timeZone)
  const [year, month, dayOfMonth] = dayParts(day)
  const name = day === today ? 'Today' : weekdayNames[weekday(day)]
  const yearText = day.slice(0, 4) === today.slice(0, 4) ? '' : `, ${year}`
  return `${name}, ${monthNames[month - 1]} ${dayOfMonth}${yearText}`
}

/** "November 2026": a heading over a month of a list. */
export function formatMonthYear(iso: string, timeZone: string = clinic.timeZone): string {
  const [year, month] = dayParts(isDateOnly(iso) ? iso : localDay(iso, timeZone))
  return `${monthNames[month - 1]} ${year}`
}

/** "Nov 2026": the label under a point of a chart. */
export function formatMonth(iso: string, timeZone: string = clinic.timeZone): string {
  const [year, month] = dayParts(isDateOnly(iso) ? iso : localDay(iso, timeZone))
  return `${monthNames[month - 1]?.slice(0, 3)} ${year}`
}

/** "Nov 21": the label under a point of a chart that covers a few weeks. */
export function formatMonthDay(iso: string, timeZone: string = clinic.timeZone): string {
  const [, month, day] = dayParts(isDateOnly(iso) ? iso : localDay(iso, timeZone))
  return `${monthNames[month - 1]?.slice(0, 3)} ${day}`
}

/** "2026-11-21 08:30" for staff, 24 hours; a day stays a day. */
export function formatDateTimeForStaff(iso: string, timeZone: string = clinic.timeZone): string {
  if (isDateOnly(iso)) return iso
  const { hour, minute } = clockParts(iso, timeZone)
  return `${localDay(iso, timeZone)} ${hour}:${minute}`
}

/** "2026-11-21" for staff. */
export function formatDateForStaff(iso: string, timeZone: string = clinic.timeZone): string {
  return isDateOnly(iso) ? iso : localDay(iso, timeZone)
}

/** "2026-11-21T08:30:00.412-06:00": an entry of the trail, to the millisecond and with its offset, so that two clocks never blur it. */
export function formatAuditTimestamp(iso: string, timeZone: string = clinic.timeZone): string {
  const { hour, minute, second } = clockParts(iso, timeZone)
  const milliseconds = String(new Date(iso).getUTCMilliseconds()).padStart(3, '0')
  return `${localDay(iso, timeZone)}T${hour}:${minute}:${second}.${milliseconds}${formatOffset(iso, timeZone)}`
}

/** "-06:00": the zone's distance from UTC at that instant. */
export function formatOffset(iso: string, timeZone: string = clinic.timeZone): string {
  const name = namedPart(iso, timeZone, { timeZoneName: 'longOffset' }, 'timeZoneName')
  return name === 'GMT' ? '+00:00' : name.replace('GMT', '')
}

/** "Central Time": the zone in words, for a line above a list of times. */
export function formatZoneName(iso: string, timeZone: string = clinic.timeZone): string {
  return namedPart(iso, timeZone, { timeZoneName: 'longGeneric' }, 'timeZoneName')
}

/** The calendar day ("YYYY-MM-DD") on which an instant falls in a zone. */
export function localDay(iso: string, timeZone: string = clinic.timeZone): string {
  const { year, month, day } = parts(iso, timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' })
  return `${year?.padStart(4, '0')}-${month}-${day}`
}

/** Whole years from a birth day to another day, both `YYYY-MM-DD`. Someone born on February 29 turns a year older on March 1. */
export function ageInYears(birthDate: string, onDay: string): number {
  const [birthYear, birthMonth, birthDay] = dayParts(birthDate)
  const [year, month, day] = dayParts(onDay)
  const hadBirthday = month > birthMonth || (month === birthMonth && day >= birthDay)
  return year - birthYear - (hadBirthday ? 0 : 1)
}

/** An age as a chart shows it: "47", under two years "14 months", under two months "12 days". */
export function formatAge(birthDate: string, onDay: string): string {
  const years = ageInYears(birthDate, onDay)
  if (years >= 2) return String(years)
  const [birthYear, birthMonth, birthDay] = dayParts(birthDate)
  const [year, month, day] = dayParts(onDay)
  const months = (year - birthYear) * 12 + month - birthMonth - (day >= birthDay ? 0 : 1)
  if (months >= 2) return `${months} months`
  return plural(Math.max(0, Math.round((dayNumber(onDay) - dayNumber(birthDate)) / dayMilliseconds)), 'day')
}

/** An age for pages outside the chart: all ages from 90 are one group (45 CFR 164.514(b)(2)(i)(C)). */
export function formatAgeGrouped(birthDate: string, onDay: string): string {
  return ageInYears(birthDate, onDay) >= 90 ? '90 or over' : formatAge(birthDate, onDay)
}

/** How old a measurement is: "9 minutes old", "6 hours old", "3 days old". Both are ISO instants. */
export function formatStaleness(iso: string, now: string): string {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(iso)) / 60_000))
  if (minutes < 60) return `${plural(minutes, 'minute')} old`
  if (minutes < 48 * 60) return `${plural(Math.floor(minutes / 60), 'hour')} old`
  return `${plural(Math.floor(minutes / (24 * 60)), 'day')} old`
}

/** "$1,234.50" of whole cents; a credit is written with a true minus sign. */
export function formatMoney(cents: number): string {
  const dollars = (Math.abs(cents) / 100).toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })
  return `${cents < 0 ? '\u2212' : ''}$${dollars}`
}

/** "1 person", "3 people": a count with its noun. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}

/**
 * Given names and family name in the order the person writes them; either may be missing. Chinese, Japanese and Korean
 * names are written family name first and without a space: 王秀英.
 */
export function formatName(name: {
  given?: string | null
  family?: string | null
  nameToUse?: string | null
}): string {
  const given = name.nameToUse?.trim() || name.given?.trim()
  const family = name.family?.trim()
  if (given && family && isEastAsian(given) && isEastAsian(family)) return family + given
  return [given, family].filter(Boolean).join(' ') || 'Name not recorded'
}

function isEastAsian(name: string): boolean {
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+$/u.test(name)
}

/** Up to two letters for a name's badge, taken by character and not by code unit, so that 王 and Å stay whole. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word))
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return chosen.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase('en-US') ?? '').join('')
}

/**
 * Joins the three fields of a date question into `YYYY-MM-DD`, or null when they are no day of the calendar
 * (February 30, month 13, letters). A two-digit year is refused and not guessed.
 */
export function dateFromParts(date: { year: string; month: string; day: string }): string | null {
  const [year, month, day] = [date.year.trim(), date.month.trim(), date.day.trim()]
  if (!/^\d{4}$/.test(year) || !/^\d{1,2}$/.test(month) || !/^\d{1,2}$/.test(day)) return null
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const instant = dayNumber(text)
  return Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== text ? null : text
}

const dayMilliseconds = 86_400_000
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

function isDateOnly(iso: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(iso)
}

function dayParts(day: string): [year: number, month: number, day: number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))]
}

/** A day as milliseconds at UTC midnight: for counting days, where no zone takes part. */
function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}

function weekday(day: string): number {
  return new Date(dayNumber(day)).getUTCDay()
}

function timeOfDay(hour: number, minute: string): string {
  if (minute === '00' && hour === 12) return 'noon'
  if (minute === '00' && hour === 0) return 'midnight'
  return `${hour % 12 === 0 ? 12 : hour % 12}:${minute} ${hour < 12 ? 'a.m.' : 'p.m.'}`
}

function zoneAbbreviation(iso: string, timeZone: string): string {
  return namedPart(iso, timeZone, { timeZoneName: 'short' }, 'timeZoneName')
}

function clockParts(iso: string, timeZone: string): { hour: string; minute: string; second: string } {
  const found = parts(iso, timeZone, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  return { hour: found.hour ?? '00', minute: found.minute ?? '00', second: found.second ?? '00' }
}

type PartName = Intl.DateTimeFormatPartTypes

function parts(
  iso: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): Partial<Record<PartName, string>> {
  const found: Partial<Record<PartName, string>> = {}
  for (const part of formatter(timeZone, options).formatToParts(new Date(iso))) found[part.type] = part.value
  return found
}

function namedPart(
  iso: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
  name: PartName,
): string {
  return parts(iso, timeZone, options)[name] ?? ''
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter costs about as much as fifty uses of one: a table of times would feel it. */
function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options)
  let made = formatters.get(key)
  if (!made) {
    made = new Intl.DateTimeFormat('en-US', { ...options, timeZone })
    formatters.set(key, made)
  }
  return made
}
