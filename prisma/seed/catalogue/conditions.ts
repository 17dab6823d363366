import type { LaboratoryTestKey, PanelKey } from './laboratory-tests.ts'
import type { MedicationKey } from './medications.ts'

/** A problem of the demo's patients: what it does to their values, what is checked and taken for it. */
export type Problem = {
  snomed: string
  icd10: string
  name: string
  shifts?: Partial<Record<LaboratoryTestKey, number>>
  systolicShift?: number
  weightShift?: number
  panels?: readonly PanelKey[]
  medications?: readonly MedicationKey[]
  noteClass?: 'mental-health' | 'substance-use'
  /** Sentences for a visit note about it. */
  note: readonly string[]
}

export const problems = {
  hypertension: {
    snomed: '59621000',
    icd10: 'I10',
    name: 'Essential hypertension',
    systolicShift: 17,
    panels: ['metabolic'],
    medications: ['lisinopril'],
    note: [
      'Home blood pressure log reviewed; most readings in the 130s over low 80s.',
      'No chest pain, no shortness of breath, no ankle swelling.',
      'Continue current dose. Low-salt diet discussed again. Recheck in three months.',
    ],
  },
  prediabetes: {
    snomed: '714628002',
    icd10: 'R73.03',
    name: 'Prediabetes',
    shifts: { glucose: 16, hemoglobinA1c: 0.7 },
    panels: ['hemoglobinA1c'],
    medications: ['metformin'],
    note: [
      'Walking 20 minutes most days. A1c in the prediabetes range and steady.',
      'Continue metformin with the evening meal.',
    ],
  },
  diabetes: {
    snomed: '44054006',
    icd10: 'E11.9',
    name: 'Type 2 diabetes mellitus',
    shifts: { glucose: 58, hemoglobinA1c: 2.1, triglycerides: 45, urineAlbumin: 14 },
    weightShift: 11,
    panels: ['hemoglobinA1c', 'metabolic', 'urineAlbumin'],
    medications: ['metformin', 'atorvastatin'],
    note: [
      'Checks sugar every morning, usually 130 to 160. No low readings.',
      'Feet examined: skin whole, sensation to monofilament present.',
      'Eye examination is due; referral given.',
    ],
  },
  kidneyStage2: {
    snomed: '431856006',
    icd10: 'N18.2',
    name: 'Chronic kidney disease, stage 2',
    shifts: { filtration: -18, creatinine: 0.08, urineAlbumin: 24 },
    panels: ['metabolic', 'urineAlbumin'],
    note: ['Kidney function steady compared with last year. Avoid ibuprofen and similar medicines.'],
  },
  kidneyStage3: {
    snomed: '433144002',
    icd10: 'N18.30',
    name: 'Chronic kidney disease, stage 3',
    shifts: {
      filtration: -52,
      creatinine: 0.66,
      ureaNitrogen: 12,
      potassium: 0.35,
      hemoglobin: -1.3,
      hematocrit: -4,
    },
    panels: ['metabolic', 'bloodCount'],
    note: ['Filtration rate in the forties, slowly falling. Kidney clinic appointment made.'],
  },
  highCholesterol: {
    snomed: '55822004',
    icd10: 'E78.5',
    name: 'Hyperlipidemia',
    shifts: { cholesterol: 48, ldl: 42, triglycerides: 40 },
    panels: ['lipid', 'liver'],
    medications: ['atorvastatin'],
    note: ['Takes the statin every evening, no muscle pain. Lipids to be repeated in six months.'],
  },
  asthma: {
    snomed: '195967001',
    icd10: 'J45.909',
    name: 'Asthma',
    medications: ['albuterol'],
    note: [
      'Uses the rescue inhaler about once a week, more in spring. No night-time cough. Technique checked.',
    ],
  },
  hypothyroidism: {
    snomed: '40930008',
    icd10: 'E03.9',
    name: 'Hypothyroidism',
    shifts: { thyrotropin: 2.1 },
    weightShift: 4,
    panels: ['thyroid'],
    medications: ['levothyroxine'],
    note: ['Energy good. Takes the tablet on an empty stomach. TSH to be checked today.'],
  },
  reflux: {
    snomed: '235595009',
    icd10: 'K21.9',
    name: 'Gastroesophageal reflux disease',
    medications: ['omeprazole'],
    note: ['Heartburn settled since the evening meal is earlier. Try every other day from next month.'],
  },
  kneeArthritis: {
    snomed: '239873007',
    icd10: 'M17.9',
    name: 'Osteoarthritis of knee',
    weightShift: 5,
    medications: ['acetaminophen'],
    note: [
      'Right knee stiff for ten minutes in the morning. Physical therapy helps; continue exercises at home.',
    ],
  },
  atrialFibrillation: {
    snomed: '49436004',
    icd10: 'I48.91',
    name: 'Atrial fibrillation',
    shifts: { inr: 1.5 },
    panels: ['coagulation'],
    medications: ['warfarin', 'metoprolol'],
    note: ['Pulse irregular, rate controlled. No bleeding or bruising. INR goal 2 to 3.'],
  },
  ironDeficiency: {
    snomed: '87522002',
    icd10: 'D50.9',
    name: 'Iron deficiency anemia',
    shifts: { hemoglobin: -3.2, hematocrit: -9, ferritin: -79 },
    panels: ['bloodCount', 'iron'],
    medications: ['iron'],
    note: ['Less tired than in spring. Iron every other day with orange juice is well tolerated.'],
  },
  lungDisease: {
    snomed: '13645005',
    icd10: 'J44.9',
    name: 'Chronic obstructive pulmonary disease',
    medications: ['albuterol'],
    note: ['Walks two blocks before resting. Has not smoked for four years. Vaccines up to date.'],
  },
  migraine: {
    snomed: '37796009',
    icd10: 'G43.909',
    name: 'Migraine',
    note: ['Two attacks a month, both on weekends. Sleep and caffeine diary discussed.'],
  },
  depression: {
    snomed: '35489007',
    icd10: 'F32.A',
    name: 'Depressive disorder',
    medications: ['sertraline'],
    noteClass: 'mental-health',
    note: [
      'PHQ-9 today 7, down from 14 in spring. Sleeping through most nights. No thoughts of self-harm.',
      'Continue sertraline at the same dose; talk therapy every two weeks.',
    ],
  },
  anxiety: {
    snomed: '21897009',
    icd10: 'F41.1',
    name: 'Generalized anxiety disorder',
    medications: ['sertraline'],
    noteClass: 'mental-health',
    note: ['GAD-7 today 9. Worry is worst on Sunday evenings. Breathing exercises are used and help.'],
  },
  opioidUse: {
    snomed: '75544000',
    icd10: 'F11.20',
    name: 'Opioid dependence',
    medications: ['buprenorphine'],
    noteClass: 'substance-use',
    note: [
      'Ten months in recovery. No cravings this month. Film taken every morning. Urine screen as expected.',
    ],
  },
  alcoholUse: {
    snomed: '7200002',
    icd10: 'F10.20',
    name: 'Alcohol use disorder',
    shifts: { alanine: 22, aspartate: 38 },
    panels: ['liver'],
    noteClass: 'substance-use',
    note: ['Has gone five weeks without a drink and goes to the Tuesday group. Liver values to be repeated.'],
  },
  eczema: {
    snomed: '43116000',
    icd10: 'L30.9',
    name: 'Eczema',
    note: [
      'Dry patches inside both elbows, no infection. Emollient twice a day; steroid cream for flares only.',
    ],
  },
} as const satisfies Record<string, Problem>

export type ProblemKey = keyof typeof problems
