import 'server-only'
import { rmSync } from 'node:fs'
import path from 'node:path'
import type { Env } from '#lib/parse-env.ts'
import { embeddedServers } from '#lib/ops/databases/database-urls.ts'
import { demoAccountsFile } from '#lib/ops/demo/demo-home.ts'
import { type HomeContent, readHome, writeHome } from '#lib/ops/home/open-home.ts'
import { Refused } from '#lib/errors.ts'
import { dataDirectoryOf } from '#lib/ops/postgres/embedded-servers.ts'

const note = (env: Env, demo: HomeContent['demo']): void => {
  const content = readHome(env.home)
  if (content !== undefined) writeHome(env.home, { ...content, demo })
}

/** Whether the demo clinic belongs into this home and is not in it yet. A production home never gets one. */
export const wantsDemo = (env: Env): boolean => {
  const content = readHome(env.home)
  return env.environment === 'demo' && content?.kind === 'demo' && content.demo !== 'loaded'
}

/**
 * A start that was ended while it loaded the demo clinic left half of it behind. Nobody can have worked with that yet,
 * so its databases and keys are removed and made again. Call it before the servers start.
 * @returns whether something was removed
 * @throws Refused when the half is on a database that is not ours to empty
 */
export const clearHalfLoadedDemo = (env: Env): boolean => {
  const content = readHome(env.home)
  if (content?.kind !== 'demo' || content.demo !== 'loading') return false
  if (embeddedServers(env).length < 2)
    throw new Refused(
      'The last start was ended while it loaded the demo clinic, and the database is not embedded: empty that database and the key store, and set VIGIL_HOME to a new directory.',
    )
  for (const server of ['data', 'keystore'] as const)
    rmSync(dataDirectoryOf(env.home, server), { recursive: true, force: true })
  rmSync(path.join(env.home, 'keys'), { recursive: true, force: true })
  rmSync(demoAccountsFile(env.home), { force: true })
  note(env, 'none')
  return true
}

/**
 * Loads the demo clinic, noting before and after it how far it is. Its modules read the settings when they are loaded,
 * so they are loaded here, after the addresses of the embedded databases are known.
 */
export const fillDemo = async (env: Env, print: (line: string) => void): Promise<void> => {
  const [{ loadDemo }, { makeProgress }, { endPools }, { closeProcessKeyStore }] = await Promise.all([
    import('#lib/ops/demo/load-demo.ts'),
    import('#lib/ops/import-fhir/progress.ts'),
    import('#lib/db/pools.ts'),
    import('#lib/keys/process-key-store.ts'),
  ])
  note(env, 'loading')
  try {
    await loadDemo({ home: env.home, progress: makeProgress(process.stdout, print) })
  } finally {
    // The process that starts Vigil only watches from here on: it keeps no connection and no key.
    await endPools()
    await closeProcessKeyStore()
  }
  note(env, 'loaded')
}
