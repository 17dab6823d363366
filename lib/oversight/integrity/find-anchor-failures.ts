import 'server-only'

export { readAnchorFailures as findAnchorFailures } from '#lib/audit/read-anchor-failures.ts'
