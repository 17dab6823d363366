import 'server-only'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Whether somebody sits at this command who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Asks for a line on the terminal. A secret is not shown while it is typed, and is in no shell's history. */
export async function ask(question: string, { isSecret = false } = {}): Promise<string> {
  let isQuiet = false
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isQuiet) process.stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  try {
    const answer = lines.question(question)
    isQuiet = isSecret
    return await answer
  } finally {
    lines.close()
    if (isSecret) process.stderr.write('\n')
  }
}
