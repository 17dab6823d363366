import 'server-only'
import { WrongUsage } from './command.ts'

type Given = string | boolean | (string | boolean)[] | undefined

/** A whole number above 0 that an option gives; undefined when it was not given. @throws WrongUsage */
export function readWholeNumber(name: string, given: Given): number | undefined {
  if (given === undefined) return undefined
  const value = typeof given === 'string' && /^[0-9]{1,9}$/.test(given) ? Number(given) : 0
  if (value === 0) throw new WrongUsage(`Write ${name} as a whole number above 0.`)
  return value
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds of an age such as 90s, 16m, 2h or 30d; undefined when it was not given. @throws WrongUsage */
export function readAge(name: string, given: Given): number | undefined {
  if (given === undefined) return undefined
  const [, amount, unit = ''] = /^([0-9]{1,6})([smhd])$/.exec(typeof given === 'string' ? given : '') ?? []
  const seconds = unitSeconds[unit]
  if (amount === undefined || seconds === undefined)
    throw new WrongUsage(`Write ${name} as an age, such as 12h or 30d.`)
  return Number(amount) * seconds
}
