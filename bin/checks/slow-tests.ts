/** Tests that kill whole programs over and over: minutes of waiting that only the full run spends. */
const killing = ['**/*kill*.db.test.ts', 'lib/ops/credentials/rotate-credentials.db.test.ts'] as const
/** Tests that wait for clocks, or for programs and embedded servers to come up: a quarter of a minute and more each. */
const waiting = [
  'bin/vigil.db.test.ts',
  'lib/ops/postgres/*.db.test.ts',
  'lib/ops/keys/*.db.test.ts',
  'lib/keys/{outside-providers,key-lease,open-key-store,move-keys}.db.test.ts',
  '**/memory.db.test.ts',
] as const
/** Database tests that only the full run spends its time on, as glob patterns from the project's folder. */
export const slowTests = [...killing, ...waiting] as const
