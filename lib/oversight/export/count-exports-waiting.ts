import 'server-only'

export { countExportsWaiting } from '#lib/audit/export/count-exports-waiting.ts'
