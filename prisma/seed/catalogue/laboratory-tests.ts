/** A laboratory test as the demo's laboratory reports it: LOINC, unit, usual range, and from where on it telephones. */
export type LaboratoryTest = {
  loinc: string
  name: string
  unit: string
  decimals: number
  low: number | null
  high: number | null
  criticalLow?: number
  criticalHigh?: number
  /** The laboratory's words instead of limits, and from where on it flags the value as high. */
  rangeText?: string
  highFrom?: number
  /** What healthy people have, how far they differ, and how far one person's results differ from visit to visit. */
  mean: number
  between: number
  within: number
}

const test = (
  loinc: string,
  name: string,
  unit: string,
  decimals: number,
  [low, high]: [number | null, number | null],
  [mean, between, within]: [number, number, number],
  further: Pick<LaboratoryTest, 'criticalLow' | 'criticalHigh' | 'rangeText' | 'highFrom'> = {},
): LaboratoryTest => ({ loinc, name, unit, decimals, low, high, mean, between, within, ...further })

export const laboratoryTests = {
  sodium: test('2951-2', 'Sodium', 'mmol/L', 0, [135, 145], [140, 1, 1], {
    criticalLow: 120,
    criticalHigh: 160,
  }),
  potassium: test('2823-3', 'Potassium', 'mmol/L', 1, [3.5, 5.1], [4.2, 0.15, 0.15], {
    criticalLow: 2.8,
    criticalHigh: 6.2,
  }),
  chloride: test('2075-0', 'Chloride', 'mmol/L', 0, [98, 107], [102, 1, 1]),
  bicarbonate: test('2028-9', 'Carbon dioxide', 'mmol/L', 0, [22, 29], [25.5, 0.8, 0.8]),
  ureaNitrogen: test('3094-0', 'Urea nitrogen', 'mg/dL', 0, [7, 20], [13, 2, 1.5]),
  creatinine: test('2160-0', 'Creatinine', 'mg/dL', 2, [0.55, 1.18], [0.84, 0.09, 0.04], { criticalHigh: 5 }),
  glucose: test('2345-7', 'Glucose', 'mg/dL', 0, [70, 99], [88, 4, 4], {
    criticalLow: 50,
    criticalHigh: 400,
  }),
  calcium: test('17861-6', 'Calcium', 'mg/dL', 1, [8.6, 10.2], [9.4, 0.2, 0.15], {
    criticalLow: 6.5,
    criticalHigh: 13,
  }),
  filtration: test(
    '98979-8',
    'Glomerular filtration rate, estimated',
    'mL/min/{1.73_m2}',
    0,
    [60, null],
    [96, 7, 3],
  ),
  cholesterol: test('2093-3', 'Cholesterol, total', 'mg/dL', 0, [null, 199], [174, 12, 7]),
  ldl: test('13457-7', 'LDL cholesterol, calculated', 'mg/dL', 0, [null, 129], [98, 12, 6]),
  hdl: test('2085-9', 'HDL cholesterol', 'mg/dL', 0, [40, null], [55, 6, 2]),
  triglycerides: test('2571-8', 'Triglycerides', 'mg/dL', 0, [null, 149], [105, 15, 9]),
  hemoglobinA1c: test('4548-4', 'Hemoglobin A1c', '%', 1, [null, null], [5.2, 0.15, 0.1], {
    rangeText: 'Below 5.7 % usual; 5.7 to 6.4 % prediabetes; 6.5 % and above diabetes',
    highFrom: 6.5,
  }),
  thyrotropin: test('3016-3', 'Thyroid-stimulating hormone', 'm[IU]/L', 2, [0.4, 4.5], [1.9, 0.5, 0.25]),
  alanine: test('1742-6', 'Alanine aminotransferase (ALT)', 'U/L', 0, [7, 45], [23, 4, 3]),
  aspartate: test('1920-8', 'Aspartate aminotransferase (AST)', 'U/L', 0, [10, 40], [22, 4, 3]),
  leukocytes: test('6690-2', 'White blood cells', '10*3/uL', 1, [4, 11], [6.8, 0.9, 0.6], {
    criticalLow: 1.5,
    criticalHigh: 30,
  }),
  hemoglobin: test('718-7', 'Hemoglobin', 'g/dL', 1, [12, 17], [14.2, 0.6, 0.25], { criticalLow: 7 }),
  hematocrit: test('4544-3', 'Hematocrit', '%', 1, [36, 50], [42.5, 1.7, 0.8]),
  platelets: test('777-3', 'Platelets', '10*3/uL', 0, [150, 400], [250, 28, 14], { criticalLow: 30 }),
  ferritin: test('2276-4', 'Ferritin', 'ng/mL', 0, [15, 300], [90, 25, 9]),
  inr: test('6301-6', 'INR', '{INR}', 1, [0.9, 1.1], [1, 0.03, 0.14], { criticalHigh: 5 }),
  urineAlbumin: test('14959-1', 'Albumin/creatinine ratio, urine', 'mg/g', 0, [null, 29], [9, 3, 2]),
} as const satisfies Record<string, LaboratoryTest>

export type LaboratoryTestKey = keyof typeof laboratoryTests

export type Panel = {
  loinc: string
  name: string
  cpt: string
  price: number
  tests: readonly LaboratoryTestKey[]
}

/** Panels as they are ordered, with what the clinic charges for them in dollars. */
export const panels = {
  metabolic: {
    loinc: '51990-0',
    name: 'Basic metabolic panel',
    cpt: '80048',
    price: 42,
    tests: [
      'sodium',
      'potassium',
      'chloride',
      'bicarbonate',
      'ureaNitrogen',
      'creatinine',
      'filtration',
      'glucose',
      'calcium',
    ],
  },
  lipid: {
    loinc: '57698-3',
    name: 'Lipid panel',
    cpt: '80061',
    price: 58,
    tests: ['cholesterol', 'ldl', 'hdl', 'triglycerides'],
  },
  bloodCount: {
    loinc: '58410-2',
    name: 'Complete blood count',
    cpt: '85027',
    price: 36,
    tests: ['leukocytes', 'hemoglobin', 'hematocrit', 'platelets'],
  },
  liver: {
    loinc: '24325-3',
    name: 'Liver enzymes',
    cpt: '80076',
    price: 39,
    tests: ['alanine', 'aspartate'],
  },
  hemoglobinA1c: {
    loinc: '4548-4',
    name: 'Hemoglobin A1c',
    cpt: '83036',
    price: 44,
    tests: ['hemoglobinA1c'],
  },
  thyroid: {
    loinc: '3016-3',
    name: 'Thyroid-stimulating hormone',
    cpt: '84443',
    price: 61,
    tests: ['thyrotropin'],
  },
  iron: { loinc: '2276-4', name: 'Ferritin', cpt: '82728', price: 49, tests: ['ferritin'] },
  coagulation: {
    loinc: '6301-6',
    name: 'Prothrombin time with INR',
    cpt: '85610',
    price: 27,
    tests: ['inr'],
  },
  urineAlbumin: { loinc: '14959-1', name: 'Urine albumin', cpt: '82043', price: 33, tests: ['urineAlbumin'] },
} as const satisfies Record<string, Panel>

export type PanelKey = keyof typeof panels

/** Tests that answer in words. */
export const wordTests = {
  strep: {
    loinc: '78012-2',
    name: 'Strep A antigen, throat',
    cpt: '87880',
    price: 31,
    usual: 'Not detected',
    unusual: 'Detected',
    range: 'Not detected',
  },
  covid: {
    loinc: '94500-6',
    name: 'SARS-CoV-2 RNA',
    cpt: '87635',
    price: 75,
    usual: 'Not detected',
    unusual: 'Detected',
    range: 'Not detected',
  },
  urineCulture: {
    loinc: '630-4',
    name: 'Urine culture',
    cpt: '87086',
    price: 47,
    usual: 'No growth after 48 hours',
    unusual: 'Escherichia coli, more than 100,000 CFU/mL',
    range: 'No growth',
  },
} as const
export type WordTestKey = keyof typeof wordTests
