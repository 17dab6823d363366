import 'server-only'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Refused } from '#lib/errors.ts'
import { makeRecoverySheet } from '#lib/keys/file/make-recovery-sheet.ts'
import { writePrivateFile } from '#lib/keys/file/write-private-file.ts'
import { operatorKeyLimits } from '#lib/keys/open-key-source.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { noteKeyWork } from './note-key-work.ts'
import { sheetPage, sheetText } from './recovery-document.ts'
import { withKeySource } from './with-key-source.ts'

export const options = { out: { type: 'string' } } as const

/**
 * `vigil keys recovery-sheet [--out FILE]`: everything that restores the keyring, for a safe. It is shown on a terminal, after
 * a question, or written into a new file that nobody else can read (.html: a page with QR codes to print); never into a
 * pipe, a log or JSON.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env, json }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const out = typeof given['out'] === 'string' ? path.resolve(given['out']) : undefined
  const isShown = process.stdin.isTTY && process.stdout.isTTY && json !== true
  if (out === undefined && !isShown)
    throw new Refused(
      'The sheet opens every record, so it is shown on a terminal only: name a file with --out.',
    )
  if (process.stdin.isTTY && !(await isConfirmed())) throw new Refused('Nothing was printed.')
  return withKeySource(env, async (source, settings) => {
    const provider = await source.providers.current(
      AbortSignal.timeout(operatorKeyLimits.attemptSeconds * 1000),
    )
    if (provider.id !== 'file')
      throw new Refused(
        `The root key is with ${provider.id}, which does not hand it out: back it up there. docs/keys.md says how.`,
      )
    const sheet = await makeRecoverySheet(settings)
    const { id, serial } = sheet.keyring
    // Written down before anybody can have it.
    await noteKeyWork('RECOVERY_SHEET_PRINTED', { keyring: id, serial })
    const about = {
      keyringId: id,
      serial,
      lines: sheet.lines.length,
      codes: sheet.codes.length,
      file: out ?? null,
    }
    if (out === undefined) return { ok: true, text: sheetText(sheet), json: about }
    await writeSheet(out, out.endsWith('.html') ? sheetPage(sheet) : `${sheetText(sheet)}\n`)
    const text = `The sheet is in ${out}, for you alone to read. Print it, put it into a safe, and delete the file.`
    return { ok: true, text, json: about }
  })
}

async function writeSheet(file: string, text: string): Promise<void> {
  await writePrivateFile(file, text, 'create').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new Refused(`${file} is there already: name another file.`)
    throw error
  })
}

async function isConfirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(
      'The sheet opens every record to whoever has it and a copy of the key store.\nType the word "print" to go on: ',
    )
    return answer.trim().toLowerCase() === 'print'
  } finally {
    terminal.close()
  }
}
