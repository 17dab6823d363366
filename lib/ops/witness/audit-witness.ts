import 'server-only'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import path from 'node:path'

import { Refused } from '#lib/errors.ts'
import { formatVerifierKey, parseVerifierKey } from '#lib/merkle/note-key.ts'
import { WrongUsage, type CommandInput, type CommandModule } from '#lib/ops/cli/command.ts'
import { serveWitness } from './serve-witness.ts'
import { holdDirectory, openWitnessKey, readWatchedLogs, watchLog } from './witness-directory.ts'
import { Witness } from './witness.ts'

export const options = {
  dir: { type: 'string' },
  name: { type: 'string' },
  log: { type: 'string' },
  listen: { type: 'string' },
  port: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
} as const satisfies CommandModule['options']

/**
 * `vigil audit witness --dir DIR [--log KEY_FILE]`: a witness, to be run where whoever administers the clinic's server has no
 * say. It signs that it saw each checkpoint, and never two histories. Runs until it is ended; needs no database and no home.
 */
export const run: CommandModule['run'] = async ({ words, options: given, say }) => {
  const plan = readPlan(words, given)
  const giveBack = holdDirectory(plan.directory)
  try {
    const signer = openWitnessKey(plan.directory, plan.name)
    if (plan.logFile !== undefined)
      watchLog(plan.directory, parseVerifierKey(read(plan.logFile).toString('utf8')))
    const watched = readWatchedLogs(plan.directory)
    if (watched.length === 0)
      throw new Refused('This witness watches no log yet: name the clinic’s verifier-key.txt with --log.')
    const witness = new Witness(plan.directory, signer, () => readWatchedLogs(plan.directory))
    const server = await serveWitness(witness, plan)
    say(`Witness at ${server.url}, watching ${watched.map(({ name }) => name).join(', ')}`)
    say(`WITNESS_URL=${server.url}`)
    say(`WITNESS_KEY=${formatVerifierKey(signer.verifier)}`)
    await untilEnded()
    await server.close()
    return { ok: true, text: 'The witness has ended.', json: { ended: true } }
  } finally {
    giveBack()
  }
}

const untilEnded = async (): Promise<void> => {
  const ended = new AbortController()
  await Promise.race(
    (['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const).map((name) =>
      once(process, name, { signal: ended.signal }),
    ),
  )
  // The other listeners would keep the process from ending.
  ended.abort()
}

const readPlan = (words: readonly string[], given: CommandInput['options']) => {
  const text = (name: keyof typeof options): string | undefined => {
    const value = given[name]
    return typeof value === 'string' ? value : undefined
  }
  const directory = text('dir')
  if (words.length > 0 || directory === undefined)
    throw new WrongUsage('Say where the witness keeps what it saw: --dir DIR.')
  const port = Number(text('port') ?? 7614)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new WrongUsage('--port takes 0 to 65535.')
  const address = text('listen') ?? '127.0.0.1'
  if (isIP(address) === 0) throw new WrongUsage('--listen takes an address of this machine.')
  const [cert, key] = [text('tls-cert'), text('tls-key')]
  if ((cert === undefined) !== (key === undefined))
    throw new WrongUsage('Name both --tls-cert and --tls-key, or neither.')
  if (cert === undefined && address !== '127.0.0.1' && address !== '::1')
    throw new WrongUsage('Beyond this machine a witness speaks TLS: name --tls-cert and --tls-key.')
  return {
    directory: path.resolve(directory),
    name: text('name') ?? `${hostname().replaceAll(/[\s+]/g, '-')}/vigil-witness`,
    logFile: text('log'),
    address,
    port,
    ...(cert !== undefined && key !== undefined && { tls: { cert: read(cert), key: read(key) } }),
  }
}

const read = (file: string): Buffer => {
  try {
    return readFileSync(file)
  } catch {
    throw new Refused(`${file} cannot be read: check the path.`)
  }
}
