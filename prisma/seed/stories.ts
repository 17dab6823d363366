import type { LaboratoryTestKey, PanelKey } from './catalogue/laboratory-tests.ts'
import type { PanelValues } from './laboratory.ts'

/** Laboratory visits that are told, not drawn. Days are counted back from the day of loading; times are the clinic's. */
export type LaboratoryStory = {
  patient: string
  daysAgo: number
  hour: number
  minute: number
  panels: Partial<Record<PanelKey, PanelValues>>
}

const metabolic = (
  potassium: number,
  creatinine: number,
  filtration: number,
  glucose: number,
): PanelValues => {
  // What the story does not turn on moves a little, as in life.
  const drift = Math.round(creatinine * 100 + glucose + filtration) % 3
  return {
    sodium: 138 + drift,
    potassium,
    chloride: 102 + ((drift + 1) % 3),
    bicarbonate: 26 - drift,
    ureaNitrogen: 15 + drift,
    creatinine,
    filtration,
    glucose,
    calcium: Number((9.3 + drift / 10).toFixed(1)),
  }
}

/** Maria's kidneys have been steady for five years; yesterday her potassium was above its range for the first time. */
const maria: readonly [daysAgo: number, values: PanelValues, hemoglobinA1c: number][] = [
  [1, metabolic(5.6, 0.9, 79, 98), 6.1],
  [94, metabolic(4.2, 0.9, 79, 97), 5.9],
  [187, metabolic(4.4, 0.89, 80, 96), 5.9],
  [279, metabolic(4.1, 0.9, 79, 98), 5.8],
  [372, metabolic(4.3, 0.88, 81, 95), 5.9],
  [556, metabolic(4.2, 0.87, 82, 96), 5.8],
  [741, metabolic(4, 0.88, 81, 94), 5.8],
  [923, metabolic(4.3, 0.86, 83, 95), 5.7],
  [1107, metabolic(4.1, 0.86, 83, 93), 5.7],
  [1472, metabolic(4.2, 0.85, 84, 94), 5.7],
]

export const laboratoryStories: readonly LaboratoryStory[] = [
  ...maria.map(([daysAgo, values, hemoglobinA1c], index) => ({
    patient: 'maria-reyes',
    daysAgo,
    hour: 8,
    minute: index === 0 ? 30 : 30 + ((index * 7) % 25),
    panels: { metabolic: values, hemoglobinA1c: { hemoglobinA1c } },
  })),
  // Critical and not yet reviewed.
  { patient: 'leonard-kowalczyk', daysAgo: 2, hour: 9, minute: 10, panels: { coagulation: { inr: 6.1 } } },
  {
    patient: 'gloria-hutchins',
    daysAgo: 1,
    hour: 10,
    minute: 5,
    panels: { bloodCount: { leukocytes: 6.2, hemoglobin: 6.8, hematocrit: 21.4, platelets: 388 } },
  },
  // Critical, some time ago.
  {
    patient: 'walter-brandt',
    daysAgo: 236,
    hour: 8,
    minute: 50,
    panels: { metabolic: { ...metabolic(6.4, 2.1, 31, 104), ureaNitrogen: 44 } },
  },
  {
    patient: 'maria-jose-fernandez',
    daysAgo: 410,
    hour: 8,
    minute: 15,
    panels: { metabolic: metabolic(4.4, 0.8, 88, 44) },
  },
  { patient: 'jan-van-der-berg', daysAgo: 300, hour: 9, minute: 30, panels: { coagulation: { inr: 5.4 } } },
  // Corrected later: see `corrections`.
  {
    patient: 'wang-xiuying',
    daysAgo: 12,
    hour: 8,
    minute: 20,
    panels: { hemoglobinA1c: { hemoglobinA1c: 9.8 } },
  },
  {
    patient: 'hanh-nguyen',
    daysAgo: 40,
    hour: 8,
    minute: 40,
    panels: { lipid: { cholesterol: 311, ldl: 214, hdl: 51, triglycerides: 230 } },
  },
  {
    patient: 'olena-shevchenko',
    daysAgo: 25,
    hour: 9,
    minute: 0,
    panels: { thyroid: { thyrotropin: 14.2 } },
  },
  {
    patient: 'patrick-doyle',
    daysAgo: 61,
    hour: 8,
    minute: 0,
    panels: { liver: { alanine: 310, aspartate: 44 } },
  },
  { patient: 'grace-lindqvist', daysAgo: 75, hour: 16, minute: 0, panels: { iron: { ferritin: 110 } } },
  {
    patient: 'agnes-whitcomb',
    daysAgo: 33,
    hour: 10,
    minute: 30,
    panels: { metabolic: metabolic(6.7, 0.94, 61, 92) },
  },
]

/** What the laboratory took back: the value that stands now, and why. */
export type Correction = {
  patient: string
  daysAgo: number
  panel: PanelKey
  test: LaboratoryTestKey
  value: number
  status: 'corrected' | 'amended'
  correctedDaysAgo: number
  note: string
}

export const corrections: readonly Correction[] = [
  { patient: 'wang-xiuying', daysAgo: 12, panel: 'hemoglobinA1c', test: 'hemoglobinA1c', value: 7.8, status: 'corrected', correctedDaysAgo: 10, note: 'Instrument was recalibrated and the sample measured again.' },
  { patient: 'hanh-nguyen', daysAgo: 40, panel: 'lipid', test: 'triglycerides', value: 160, status: 'corrected', correctedDaysAgo: 39, note: 'Sample was not fasting; repeated from a second tube.' },
  { patient: 'olena-shevchenko', daysAgo: 25, panel: 'thyroid', test: 'thyrotropin', value: 4.12, status: 'corrected', correctedDaysAgo: 24, note: 'First value belonged to another sample of the same run.' },
  { patient: 'patrick-doyle', daysAgo: 61, panel: 'liver', test: 'alanine', value: 31, status: 'corrected', correctedDaysAgo: 60, note: 'Decimal point misplaced at manual entry.' },
  { patient: 'grace-lindqvist', daysAgo: 75, panel: 'iron', test: 'ferritin', value: 11, status: 'amended', correctedDaysAgo: 73, note: 'Digit missing at manual entry.' },
  { patient: 'agnes-whitcomb', daysAgo: 33, panel: 'metabolic', test: 'potassium', value: 4.5, status: 'corrected', correctedDaysAgo: 33, note: 'Sample was hemolyzed; repeated from a new sample.' },
] // prettier-ignore
