import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { productHome, productPort, productUrl, providerSettings } from './product.ts'

/** For a home made anew on a machine that does much else: on a quiet one it takes less than a minute. */
const readyWithinMilliseconds = 900_000

/**
 * Starts the product for the whole browser run, on an empty home, and stops it at the end.
 * With VIGIL_TEST_URL set, a product that is already running there is used instead (handy while writing a test).
 */
export default async function startProduct(): Promise<() => Promise<void>> {
  if (process.env['VIGIL_TEST_URL']) return async () => {}
  rmSync(productHome, { recursive: true, force: true })
  const product = spawn('npm', ['start'], {
    env: {
      ...process.env,
      ...providerSettings,
      VIGIL_HOME: productHome,
      PORT: String(productPort),
      VIGIL_URL: productUrl,
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ready in time:\n${output}`)),
      readyWithinMilliseconds,
    )
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      if (!output.includes('Vigil is ready at')) return
      clearTimeout(timer)
      resolve()
    }
    product.stdout.on('data', read)
    product.stderr.on('data', read)
    product.on('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)))
  })
  return () =>
    new Promise<void>((resolve) => {
      product.removeAllListeners('exit')
      product.on('exit', () => resolve())
      if (product.pid) process.kill(-product.pid, 'SIGTERM')
    })
}
