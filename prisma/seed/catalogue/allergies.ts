/** Allergies of the demo's patients, with SNOMED CT codes; `none` is the recorded fact that there is none. */
export type Allergy = {
  snomed: string
  name: string
  category: 'medication' | 'food' | 'environment' | null
  criticality: 'low' | 'high' | null
  reaction: { snomed: string; name: string; severity: 'mild' | 'moderate' | 'severe' } | null
}

export const allergies = {
  penicillin: {
    snomed: '91936005',
    name: 'Allergy to penicillin',
    category: 'medication',
    criticality: 'high',
    reaction: { snomed: '39579001', name: 'Anaphylaxis', severity: 'severe' },
  },
  sulfa: {
    snomed: '91939003',
    name: 'Allergy to sulfonamide',
    category: 'medication',
    criticality: 'low',
    reaction: { snomed: '247472004', name: 'Hives', severity: 'moderate' },
  },
  peanut: {
    snomed: '91935009',
    name: 'Allergy to peanut',
    category: 'food',
    criticality: 'high',
    reaction: { snomed: '41291007', name: 'Swelling of the face', severity: 'severe' },
  },
  latex: {
    snomed: '1003755004',
    name: 'Allergy to latex',
    category: 'environment',
    criticality: 'low',
    reaction: { snomed: '271807003', name: 'Rash', severity: 'mild' },
  },
  pollen: {
    snomed: '300910009',
    name: 'Allergy to pollen',
    category: 'environment',
    criticality: 'low',
    reaction: { snomed: '162367006', name: 'Sneezing', severity: 'mild' },
  },
  none: {
    snomed: '716186003',
    name: 'No known allergies',
    category: null,
    criticality: null,
    reaction: null,
  },
} as const satisfies Record<string, Allergy>

export type AllergyKey = keyof typeof allergies
