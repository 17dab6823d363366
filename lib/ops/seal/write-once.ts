import 'server-only'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

/** Puts a file in place whole and lastingly, unless there is one: what is there already always counts. */
export const writeOnce = (file: string, text: string, mode: number): void => {
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}`
  rmSync(beside, { force: true })
  const handle = openSync(beside, 'wx', mode)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  try {
    linkSync(beside, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(beside, { force: true })
  }
}
