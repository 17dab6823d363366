/** Medicines of the demo. A code stands only where it is RxNorm's for exactly this product; else the words alone. */
export type Medication = { rxnorm?: string; name: string; dosage: string; quantity: number; unit: string }

export const medications = {
  lisinopril: {
    rxnorm: '314076',
    name: 'Lisinopril 10 mg tablet',
    dosage: 'Take 1 tablet by mouth every morning',
    quantity: 90,
    unit: 'tablets',
  },
  metformin: {
    rxnorm: '861007',
    name: 'Metformin 500 mg tablet',
    dosage: 'Take 1 tablet by mouth with the evening meal',
    quantity: 90,
    unit: 'tablets',
  },
  atorvastatin: {
    rxnorm: '617310',
    name: 'Atorvastatin 20 mg tablet',
    dosage: 'Take 1 tablet by mouth every evening',
    quantity: 90,
    unit: 'tablets',
  },
  amlodipine: {
    rxnorm: '197361',
    name: 'Amlodipine 5 mg tablet',
    dosage: 'Take 1 tablet by mouth once a day',
    quantity: 90,
    unit: 'tablets',
  },
  levothyroxine: {
    name: 'Levothyroxine 50 mcg tablet',
    dosage: 'Take 1 tablet by mouth every morning, 30 minutes before breakfast',
    quantity: 90,
    unit: 'tablets',
  },
  albuterol: {
    rxnorm: '745679',
    name: 'Albuterol 90 mcg inhaler',
    dosage: 'Inhale 2 puffs every 4 to 6 hours as needed for wheezing',
    quantity: 1,
    unit: 'inhaler',
  },
  omeprazole: {
    rxnorm: '198051',
    name: 'Omeprazole 20 mg capsule',
    dosage: 'Take 1 capsule by mouth before breakfast',
    quantity: 30,
    unit: 'capsules',
  },
  acetaminophen: {
    rxnorm: '313782',
    name: 'Acetaminophen 325 mg tablet',
    dosage: 'Take 2 tablets by mouth every 6 hours as needed for pain',
    quantity: 100,
    unit: 'tablets',
  },
  warfarin: {
    rxnorm: '855332',
    name: 'Warfarin 5 mg tablet',
    dosage: 'Take as directed by the clinic, usually 1 tablet every evening',
    quantity: 30,
    unit: 'tablets',
  },
  metoprolol: {
    name: 'Metoprolol succinate 50 mg extended-release tablet',
    dosage: 'Take 1 tablet by mouth once a day',
    quantity: 90,
    unit: 'tablets',
  },
  iron: {
    name: 'Ferrous sulfate 325 mg tablet',
    dosage: 'Take 1 tablet by mouth every other day',
    quantity: 45,
    unit: 'tablets',
  },
  sertraline: {
    rxnorm: '312941',
    name: 'Sertraline 50 mg tablet',
    dosage: 'Take 1 tablet by mouth every morning',
    quantity: 90,
    unit: 'tablets',
  },
  buprenorphine: {
    name: 'Buprenorphine 8 mg and naloxone 2 mg film',
    dosage: 'Dissolve 1 film under the tongue every morning',
    quantity: 28,
    unit: 'films',
  },
  amoxicillin: {
    name: 'Amoxicillin 500 mg capsule',
    dosage: 'Take 1 capsule by mouth 3 times a day for 7 days',
    quantity: 21,
    unit: 'capsules',
  },
} as const satisfies Record<string, Medication>

export type MedicationKey = keyof typeof medications
