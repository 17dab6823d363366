/**
 * The kinds of people who sign in, and the one kind of account that is a job. A person has exactly one role: somebody
 * who is a nurse and also a patient of the clinic has two logins (45 CFR 164.312(a)(2)(i), unique user identification).
 */
export const personRoles = [
  'patient',
  'proxy',
  'nurse',
  'clinician',
  'billing',
  'admin',
  'compliance',
] as const
export const roles = [...personRoles, 'service'] as const

export type PersonRole = (typeof personRoles)[number]
export type Role = (typeof roles)[number]

/** The part of the product where a role is at home. */
export type Area = 'patient' | 'care' | 'billing' | 'admin' | 'compliance'

export const areaOfRole: Record<PersonRole, Area> = {
  patient: 'patient',
  proxy: 'patient',
  nurse: 'care',
  clinician: 'care',
  billing: 'billing',
  admin: 'admin',
  compliance: 'compliance',
}

/** Plain words for a role, as patients and colleagues read it. */
export const roleNames: Record<Role, string> = {
  patient: 'Patient',
  proxy: 'Proxy',
  nurse: 'Nurse',
  clinician: 'Clinician',
  billing: 'Billing',
  admin: 'Administrator',
  compliance: 'Compliance officer',
  service: 'Automatic job',
}
