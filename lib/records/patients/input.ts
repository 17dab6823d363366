import { z } from 'zod'

const text = (limit: number) => z.string().trim().max(limit, `At most ${limit} characters`).default('')

/** The search form as it is sent; which terms are enough is decided by start-patient-search. */
export const patientSearchInput = z.object({
  familyName: text(100),
  givenName: text(100),
  birthMonth: text(4),
  birthDay: text(4),
  birthYear: text(8),
  mrn: text(40),
})

const needed = (limit: number, message: string) =>
  z.string().trim().min(1, message).max(limit, `At most ${limit} characters`)

/** What the form for registering a patient sends. */
export const registerInput = z.object({
  /** Made when the form was drawn; becomes the patient's id, so that the same form sent twice registers one person. */
  key: z.uuid(),
  familyName: needed(100, 'Enter the family name'),
  givenName: needed(100, 'Enter the given name'),
  preferredName: text(100),
  birthMonth: text(4),
  birthDay: text(4),
  birthYear: text(8),
  sex: z.enum(['female', 'male', 'other', 'unknown'], { error: 'Choose the sex on the record' }),
  pronouns: text(40),
  language: text(60),
  mrn: text(40),
  phone: text(40),
  email: z.union([z.literal(''), z.email('Enter an e-mail address, such as name@example.org')]).default(''),
  addressLine: text(200),
  city: text(100),
  state: text(60),
  postalCode: text(20),
  ssn: z
    .string()
    .transform((typed) => typed.replace(/[\s-]/g, ''))
    .refine((digits) => digits === '' || /^\d{9}$/.test(digits), 'A social security number has nine digits')
    .default(''),
  /** `team:<id>` or `account:<id>`: who will care for the patient. */
  carer: z.string().regex(/^(team|account):[0-9a-f-]{36}$/, 'Choose who will care for the patient'),
  reason: text(200),
  /** The patients who were shown, when the person says that it is none of them. */
  confirmed: z.array(z.uuid()).max(100),
})
export type RegisterInput = z.infer<typeof registerInput>
