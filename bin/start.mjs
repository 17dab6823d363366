import { runPinned } from './run-pinned.mjs'

runPinned('start.ts', process.argv.slice(2))
