import 'server-only'

/** UCUM codes that people do not write that way. Anything else is shown as the laboratory sent it. */
const written: Readonly<Record<string, string>> = {
  'mm[Hg]': 'mmHg',
  Cel: '°C',
  '[degF]': '°F',
  '/min': 'per minute',
  'kg/m2': 'kg/m²',
  'm[IU]/L': 'mIU/L',
  'u[IU]/mL': 'µIU/mL',
  'm[IU]/mL': 'mIU/mL',
  '[IU]/L': 'IU/L',
  '10*3/uL': '× 10³/µL',
  '10*6/uL': '× 10⁶/µL',
  '10*9/L': '× 10⁹/L',
  '10*12/L': '× 10¹²/L',
  'mL/min/{1.73_m2}': 'mL/min/1.73 m²',
  'mL/min/{1.73_m2/1.73_m2}': 'mL/min/1.73 m²',
  ug: 'µg',
  'ug/dL': 'µg/dL',
  'ug/L': 'µg/L',
  'umol/L': 'µmol/L',
  '[lb_av]': 'lb',
  '[in_i]': 'in',
}

/**
 * A UCUM unit (https://ucum.org) the way it is written for people: "mIU/L" for `m[IU]/L`. A unit that is only an
 * annotation, such as `{INR}`, is none: the name of the test says it already.
 */
export function readableUnit(unit: string | null): string | null {
  if (unit === null || unit === '' || /^\{[^}]*\}$/.test(unit) || unit === '1') return null
  return written[unit] ?? unit.replace(/\{[^}]*\}/g, '')
}
