import { z } from 'zod'

/** Roles that are given by invitation. */
export const invitedRoles = ['nurse', 'clinician', 'billing', 'admin', 'compliance'] as const

/** Addresses that stand for a desk, not for a person: everybody has a login of their own (45 CFR 164.312(a)(2)(i)). */
const sharedMailbox =
  /^(info|office|frontdesk|front-desk|reception|desk|nurse|nurses|nursing|doctor|doctors|billing|admin|administrator|staff|team|support|help|contact|clinic|lab|shared|records|compliance)[\d._-]*@/i

const name = z
  .string()
  .trim()
  .min(1, 'Enter the person’s full name')
  .max(120, 'Names have at most 120 characters')
  .refine(
    (value) => /\p{L}.*\s.*\p{L}/u.test(value),
    'Enter the given name and the family name: patients see it in the list of who looked at their record',
  )

export const invitationInput = z.object({
  name,
  jobTitle: z.string().trim().max(120, 'Job titles have at most 120 characters'),
  email: z
    .email('Enter an email address, such as name@example.org')
    .max(254)
    .refine(
      (value) => !sharedMailbox.test(value),
      'This looks like an address that several people share. Everybody needs a login of their own: enter the person’s own address',
    ),
  role: z.enum(invitedRoles, 'Choose what the person does'),
})

export type InvitationInput = z.infer<typeof invitationInput>
