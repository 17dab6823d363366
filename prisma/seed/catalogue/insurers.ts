/** What share of a charge an insurer allows, and what of that the patient owes. */
export type Insurer = { name: string; plan: string; kind: string; allowedShare: number; copay: number }

export const insurers = {
  lakeside: {
    name: 'Lakeside Health Plan',
    plan: 'Lakeside Choice PPO',
    kind: 'Preferred provider organization',
    allowedShare: 0.72,
    copay: 30,
  },
  prairie: {
    name: 'Prairie Mutual',
    plan: 'Prairie Care HMO',
    kind: 'Health maintenance organization',
    allowedShare: 0.66,
    copay: 20,
  },
  medicare: { name: 'Medicare', plan: 'Medicare Part B', kind: 'Medicare', allowedShare: 0.58, copay: 25 },
  medicaid: {
    name: 'Illinois Medicaid',
    plan: 'HealthChoice',
    kind: 'Medicaid',
    allowedShare: 0.49,
    copay: 0,
  },
} as const satisfies Record<string, Insurer>

export type InsurerKey = keyof typeof insurers
