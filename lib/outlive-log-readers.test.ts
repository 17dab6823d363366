import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

// What would be lost if this failed: a log shipper that dies would take a core of the server with it, or the sealer.

/** As Next.js does: what nobody caught is logged. A thousand of those are no accident any more: then it ends with 3. */
const serving = (prepared: boolean): string => `
  ${prepared ? `const { outliveLogReaders } = await import('#lib/outlive-log-readers.ts'); outliveLogReaders()` : ''}
  let uncaught = 0
  process.on('uncaughtException', (error) => {
    uncaught += 1
    if (uncaught === 1000) process.exit(3)
    console.error('uncaughtException: ', error)
  })
  process.on('message', async () => {
    for (let line = 0; line < 200; line += 1) {
      process.stderr.write('a line of the log\\n')
      await new Promise((resolve) => setImmediate(resolve))
    }
    process.exit(uncaught === 0 ? 0 : 1)
  })
  process.send('ready')`

/** @returns how a process ended whose stderr lost its reader before it wrote */
async function endWithoutReader(prepared: boolean): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', serving(prepared)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  try {
    expect(await once(child, 'message')).toContain('ready')
    child.stderr?.destroy()
    const ended = once(child, 'exit')
    child.send('go')
    const [status]: unknown[] = await ended
    return status
  } finally {
    child.kill('SIGKILL')
  }
}

test('a process whose log has lost its reader goes on in peace', async () => {
  expect(await endWithoutReader(true)).toBe(0)
})

test('control: unprepared, it logs for ever that it cannot log', async () => {
  expect(await endWithoutReader(false)).toBe(3)
})
