import { createServer } from 'node:net'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { startWeb, type WebProcess } from '#lib/ops/start/web-process.ts'
import type { Env } from '#lib/parse-env.ts'

/** The session's over http (lib/auth/session-cookie.ts reads the settings, which are not there yet). */
export const sessionCookieName = 'vigil-session'

/**
 * Starts a web process of a build on a clinic's servers, on a free port of this machine.
 * @param root of the build
 * @param environment added to what the product's own web process is told
 */
export async function serveClinic(
  env: Env,
  root: string,
  signal: AbortSignal,
  environment: Record<string, string> = {},
): Promise<{ web: WebProcess; port: number }> {
  const port = await freePort()
  const told = {
    ...embeddedEnvironment(env, 'web'),
    VIGIL_URL: `http://localhost:${port}`,
    ...environment,
  }
  const plan = { root, mode: 'start', address: '127.0.0.1', port, signal, environment: told } as const
  return { web: await startWeb(plan, process.env), port }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
