import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { SlowFirst } from './bin/checks/slow-first.ts'

// `server-only` throws wherever React's server condition is not set. Tests are a server, so it becomes its own empty module; setting the
// condition itself would also swap React for its server build, and component tests could not draw.
const serverOnly = fileURLToPath(new URL('./node_modules/server-only/empty.js', import.meta.url))

const everywhere = {
  resolve: { alias: { 'server-only': serverOnly } },
} as const

/** What a machine that does other things too makes late may pass the second time; the end of the run names it, and it wants mending. */
const retry = process.env['CI'] ? 1 : 0
const setUp = ['./lib/testing/quiet-console.ts', './lib/testing/one-seed.ts']

export default defineConfig({
  test: {
    reporters: ['default'],
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        ...everywhere,
        test: {
          name: 'unit',
          include: ['{app,components,lib,bin,bench,e2e,prisma}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.db.test.ts', '**/node_modules/**'],
          setupFiles: setUp,
          retry,
          // Slow hashes are slow on purpose, and slower on a machine that does other things too.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Vitest itself would leave one core out, which on a machine of two is half of it.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        ...everywhere,
        test: {
          name: 'db',
          include: ['{app,components,lib,bin,bench,e2e,prisma}/**/*.db.test.ts'],
          globalSetup: ['./lib/testing/start-clusters.ts'],
          setupFiles: ['./lib/testing/use-test-database.ts', ...setUp],
          retry,
          // Four times what the longest takes on a quiet machine of two cores: a limit is for what hangs, not for what is slow.
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // One more than there are cores: a good part of these tests waits, for leases, programs and servers.
          maxWorkers: Math.min(4, availableParallelism() + 1),
        },
      },
    ],
  },
})
