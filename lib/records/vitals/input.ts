import { z } from 'zod'

/** A measured number as somebody types it: a comma is a decimal point; empty means not taken. */
const measured = (what: string) =>
  z
    .string()
    .trim()
    .max(12)
    .transform((text, context) => {
      if (text === '') return null
      const number = Number(text.replace(',', '.'))
      if (/^\d{1,4}([.,]\d{1,3})?$/.test(text) && number > 0) return number
      context.addIssue({ code: 'custom', message: `${what} must be a number, such as 98 or 36.8` })
      return z.NEVER
    })

/** What the form for vital signs sends. Every value is optional; record-vitals says when nothing was entered. */
export const vitalsInput = z
  .object({
    /** Made when the form was drawn: the same form sent twice writes once. */
    key: z.uuid(),
    takenDay: z.string(),
    takenTime: z.string(),
    systolic: measured('Systolic pressure'),
    diastolic: measured('Diastolic pressure'),
    pulse: measured('Pulse'),
    temperature: measured('Temperature'),
    temperatureUnit: z.enum(['Cel', '[degF]']),
    oxygen: measured('Oxygen saturation'),
    respiration: measured('Respiratory rate'),
    weight: measured('Weight'),
    weightUnit: z.enum(['kg', '[lb_av]']),
    /** Doubts that were shown to the person, word for word, who says that the values are right. */
    confirmed: z.array(z.string().max(300)).max(20),
  })
  .superRefine((input, context) => {
    const half = (input.systolic === null) !== (input.diastolic === null)
    const missing = input.systolic === null ? 'systolic' : 'diastolic'
    if (half) {
      const message = `Enter the ${missing} pressure too: a blood pressure has both numbers`
      context.addIssue({ code: 'custom', path: [missing], message })
    }
  })
export type VitalsInput = z.infer<typeof vitalsInput>
