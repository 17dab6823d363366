import 'server-only'

export { requestVerification } from '#lib/audit/integrity.ts'
