import 'server-only'
import { appQuery } from '#lib/db/app-database.ts'

/** Reminds compliance officers of concerns and requests for an accounting that are due within a week, or overdue. */
export const remindOfPatientWork = async (): Promise<void> => {
  await appQuery('SELECT audit.remind_of_patient_work()', [], 'worker')
}
