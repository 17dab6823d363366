import 'server-only'

import { rowIdFor } from '#lib/records/shared/row-id.ts'
import type { RegisterInput } from './input.ts'

/** How to reach the patient, as rows of the record; what was not filled in makes none. */
export function toContacts(input: RegisterInput) {
  const { key, phone, email, addressLine, city, state, postalCode } = input
  const hasAddress = [addressLine, city, state, postalCode].some((part) => part !== '')
  const address = {
    lines: addressLine === '' ? [] : [addressLine],
    city: city || null,
    district: null,
    state: state || null,
    postalCode: postalCode || null,
    country: null,
  }
  return [
    ...(phone === '' ? [] : [{ id: rowIdFor(key, 'phone'), kind: 'phone', use: 'home', value: phone }]),
    ...(email === '' ? [] : [{ id: rowIdFor(key, 'email'), kind: 'email', use: 'home', value: email }]),
    ...(hasAddress ? [{ id: rowIdFor(key, 'address'), kind: 'address', use: 'home', address }] : []),
  ]
}
