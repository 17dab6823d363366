import 'server-only'
import { readFile } from 'node:fs/promises'
import { Refused, VigilError } from '#lib/errors.ts'
import { endPools } from '#lib/db/pools.ts'
import { refusal } from '#lib/keys/data-key-reader.ts'
import { readSheet } from '#lib/keys/file/recovery-sheet.ts'
import { restoreKeyring } from '#lib/keys/file/restore-keyring.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import { operatorKeyLimits } from '#lib/keys/open-key-source.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { noteKeyWork } from './note-key-work.ts'
import { keySettings } from './with-key-source.ts'

/**
 * `vigil keys restore-keyring FILE`: puts the keyring of a recovery sheet in place of one that was lost. FILE holds the sheet's lines,
 * typed or scanned, or what its QR codes say.
 */
export const run: CommandModule['run'] = async ({ words, env }) => {
  const [file, ...more] = words
  if (file === undefined || more.length > 0) throw new WrongUsage('Name one file.')
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Refused(`${file} cannot be read.`)
  })
  const sheet = readSheet(text)
  return withDatabases(env, async () => {
    const settings = keySettings(env)
    const database = openOperatorPool(settings, operatorKeyLimits)
    try {
      const keyring = await restoreKeyring(settings, sheet, database)
      await noteKeyWork('KEYRING_RESTORED', { keyring: keyring.id, serial: keyring.serial })
      const json = { keyringId: keyring.id, serial: keyring.serial, file: settings.keyringFile }
      return {
        ok: true,
        text: `The keyring is back in ${settings.keyringFile} (serial ${keyring.serial}). Delete ${file}, and print a new sheet: "vigil keys recovery-sheet".`,
        json,
      }
    } catch (error) {
      throw error instanceof VigilError ? error : refusal(error)
    } finally {
      await database.end()
      await endPools()
    }
  })
}
