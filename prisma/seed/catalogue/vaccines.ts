export type Vaccine = { cvx: string; name: string; cpt: string; price: number }

export const vaccines = {
  influenza: {
    cvx: '150',
    name: 'Influenza vaccine, injectable, quadrivalent, preservative free',
    cpt: '90686',
    price: 38,
  },
  tetanus: { cvx: '115', name: 'Tdap vaccine', cpt: '90715', price: 52 },
  pneumococcal: { cvx: '216', name: 'Pneumococcal conjugate vaccine, 20-valent', cpt: '90677', price: 268 },
  shingles: { cvx: '187', name: 'Zoster vaccine, recombinant', cpt: '90750', price: 196 },
  covid: { cvx: '217', name: 'COVID-19 mRNA vaccine, 30 mcg/0.3 mL', cpt: '91320', price: 142 },
  measles: { cvx: '03', name: 'Measles, mumps and rubella vaccine', cpt: '90707', price: 94 },
  varicella: { cvx: '21', name: 'Varicella vaccine', cpt: '90716', price: 151 },
} as const satisfies Record<string, Vaccine>

export type VaccineKey = keyof typeof vaccines
