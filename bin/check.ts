import { listQuickChecks } from './checks/list-checks.ts'
import { runChecks } from './checks/run-checks.ts'

/** `npm run check`: every check but the build and the browser. */
process.exitCode = await runChecks(listQuickChecks())
