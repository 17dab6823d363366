import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { archiveFolder, readArchiveFile, writeArchiveFile } from './archive-file.ts'

async function* lines(): AsyncGenerator<string> {
  await Promise.resolve()
  yield '{"format":"vigil-archive-1"}\n'
  yield '{"hash":"AA=="}\n'
}

test('lines are asked for when somebody listens, so that their fault is the caller’s and ends no process; no file is left', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'vigil-archive-'))
  try {
    const thereAtFirst: string[][] = []
    async function* failing(): AsyncGenerator<string> {
      await Promise.resolve()
      thereAtFirst.push(readdirSync(archiveFolder(home)).filter((file) => file.startsWith('trail')))
      if (thereAtFirst.length > 0) throw new Error('not what was sealed')
      yield ''
    }
    await expect(writeArchiveFile(home, 'trail-2014-03.sealed', failing())).rejects.toThrow(
      'not what was sealed',
    )
    // A stream that fails before it is read ends the process: the file was open, and about to be written, when it began.
    expect(thereAtFirst).toEqual([['trail-2014-03.sealed.part']])
    expect(readdirSync(archiveFolder(home)).filter((file) => file.startsWith('trail'))).toEqual([])
    await writeArchiveFile(home, 'trail-2014-03.sealed', lines())
    expect(await Array.fromAsync(readArchiveFile(home, 'trail-2014-03.sealed'))).toEqual([
      '{"format":"vigil-archive-1"}',
      '{"hash":"AA=="}',
    ])
  } finally {
    rmSync(home, { recursive: true })
  }
})
