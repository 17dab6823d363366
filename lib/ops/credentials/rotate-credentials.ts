import 'server-only'
import { mkdirSync } from 'node:fs'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { lockHome } from '#lib/ops/home/lock.ts'
import { newSecret } from '#lib/ops/home/secrets.ts'
import { isLoginName, logins } from '#lib/ops/postgres/embedded-servers.ts'
import type { Env } from '#lib/parse-env.ts'
import { formerSecretSeconds, readSecretLines, writeSecretLines } from '#lib/secret-file.ts'
import { type ChangedLogin, changePasswords, formerIsRefused } from './change-passwords.ts'
import { type Drained, drainConnections } from './drain-connections.ts'
import { type Credentials, type ForeignCredential, listCredentials } from './list-credentials.ts'
import { type EndedSessions, endServiceSessions, recordRotation } from './record-rotation.ts'
import { secretsOf } from './settle-secrets.ts'

export const options = {
  login: { type: 'string', multiple: true },
  wait: { type: 'string' },
  force: { type: 'boolean' },
  note: { type: 'string', multiple: true },
} as const satisfies CommandModule['options']

type Wanted = {
  readonly names: readonly string[]
  readonly noted: readonly string[]
  readonly waitSeconds: number
  readonly force: boolean
}

const allNames = [...Object.keys(logins), 'session']

const namesIn = (given: unknown): string[] => {
  const names = (Array.isArray(given) ? given : []).flatMap((each) => String(each).split(','))
  const unknown = names.find((name) => name !== 'session' && !isLoginName(name))
  if (unknown !== undefined)
    throw new WrongUsage(`There is no credential "${unknown}"; name some of: ${allNames.join(', ')}.`)
  return [...new Set(names)]
}

const wantedIn = (given: Parameters<CommandModule['run']>[0]['options']): Wanted => {
  const waitSeconds = Number(given['wait'] ?? 120)
  if (!Number.isInteger(waitSeconds) || waitSeconds < 0 || waitSeconds > 86_400)
    throw new WrongUsage('Write --wait as a number of seconds, at most a day.')
  const names = namesIn(given['login'])
  return {
    names: names.length === 0 ? allNames : names,
    noted: namesIn(given['note']),
    waitSeconds,
    force: given['force'] === true,
  }
}

type LoginResult = Drained & { readonly formerRefused: boolean }

export type RotationResult = {
  readonly logins: readonly LoginResult[]
  /** until when what was sealed with the former secret still opens, in seconds from now */
  readonly session: { readonly formerAcceptedSeconds: number } | undefined
  readonly jobs: EndedSessions | undefined
  readonly foreign: readonly ForeignCredential[]
}

const changeSessionSecret = (file: string, secret: string): void => {
  const [former] = readSecretLines(file)
  writeSecretLines(file, former === undefined ? [secret] : [secret, former])
}

const rotate = async (
  wanted: Wanted,
  credentials: Credentials,
  kind: Env['environment'],
  say: (line: string) => void,
): Promise<RotationResult> => {
  const wants = (name: string): boolean => wanted.names.includes(name)
  const chosen = credentials.logins.filter(({ name }) => wants(name))
  const changed: ChangedLogin[] = await changePasswords(chosen, () => newSecret(kind))
  const changesSession = wants('session') && credentials.sessionFile !== undefined
  if (changesSession && credentials.sessionFile !== undefined)
    changeSessionSecret(credentials.sessionFile, newSecret(kind))
  await recordRotation([...changed.map(({ name }) => name), ...(changesSession ? ['session'] : [])], false)
  say(`New passwords: ${changed.map(({ name }) => name).join(', ') || 'none'}. Waiting for old connections …`)
  const results = await Promise.all(
    changed.map(async (login) => ({
      ...(await drainConnections(login, wanted)),
      formerRefused: await formerIsRefused(login),
    })),
  )
  return {
    logins: results,
    session: changesSession ? { formerAcceptedSeconds: formerSecretSeconds } : undefined,
    jobs: wants('worker') ? await endServiceSessions(wanted) : undefined,
    foreign: credentials.foreign.filter(({ name }) => wants(name)),
  }
}

const isDone = ({ logins: done, jobs, foreign }: RotationResult): boolean =>
  done.every(({ older, formerRefused }) => older === 0 && formerRefused) &&
  (jobs?.remaining ?? 0) === 0 &&
  foreign.length === 0

const loginText = ({ login, older, ended, formerRefused }: LoginResult): string => {
  const state = formerRefused ? 'the former password is refused' : 'THE FORMER PASSWORD STILL WORKS'
  const left = older === 0 ? '0 older connections, checked twice' : `${older} OLDER CONNECTIONS STILL AT WORK`
  return `  ${login}: changed; ${state}; ${left}${ended > 0 ? ` (${ended} ended)` : ''}`
}

const textOf = (result: RotationResult): string =>
  [
    ...result.logins.map(loginText),
    ...(result.session === undefined
      ? []
      : [
          `  session: changed; sign-ins under way go on; what the former one sealed opens for ${result.session.formerAcceptedSeconds / 60} minutes more`,
        ]),
    ...(result.jobs === undefined
      ? []
      : [`  sessions of jobs: ${result.jobs.ended} ended, ${result.jobs.remaining} still at work`]),
    ...result.foreign.map(
      ({ name, why }) => `  ${name}: NOT changed: ${why} (docs/runbooks/rotate-credentials.md)`,
    ),
    '',
    isDone(result)
      ? 'Done: nothing that was valid before is valid now.'
      : 'Not finished: run it again when what is named above is over, or with --force, which ends it.',
  ].join('\n')

/**
 * `vigil db rotate-credentials`: new passwords for the database logins and a new session secret, while people work. Ends
 * well only when the former passwords are refused and no connection is left that was opened with one.
 */
export const run: CommandModule['run'] = ({ words, options: given, env, say }) => {
  if (words.length > 0) throw new WrongUsage('Name logins with --login, each or with commas between.')
  const wanted = wantedIn(given)
  return withDatabases(env, async () => {
    if (wanted.noted.length > 0) {
      await recordRotation(wanted.noted, true)
      const text = `Noted as changed by hand: ${wanted.noted.join(', ')}.`
      return { ok: true, text, json: { noted: wanted.noted } }
    }
    mkdirSync(secretsOf(env.home), { recursive: true, mode: 0o700 })
    const lock = await lockHome(secretsOf(env.home), 'command', 0)
    try {
      const result = await rotate(wanted, listCredentials(env), env.environment, say)
      return { ok: isDone(result), text: textOf(result), json: { ...result, done: isDone(result) } }
    } finally {
      lock.release()
    }
  })
}
