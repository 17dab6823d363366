import 'server-only'

export { cancelExport, decideExport } from '#lib/audit/export/settle-export.ts'
