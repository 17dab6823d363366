import { listAllChecks } from './checks/list-checks.ts'
import { runChecks } from './checks/run-checks.ts'

/** `npm test`: every check there is. */
process.exitCode = await runChecks(listAllChecks())
