#!/usr/bin/env node
import { runPinned } from './run-pinned.mjs'

runPinned('vigil.ts', process.argv.slice(2))
