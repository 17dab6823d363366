import 'server-only'
import { parseArgs } from 'node:util'
import { VigilError } from '#lib/errors.ts'
import type { Env } from '#lib/parse-env.ts'
import { type CommandModule, type CommandOutput, WrongUsage } from './command.ts'

/** One line of the table in bin/vigil.ts. */
export type CommandEntry = {
  /** the words that call it, such as "demo clock advance" */
  readonly verb: string
  /** what follows them, for the help text */
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

export type Streams = { out: (text: string) => void; err: (text: string) => void }

/** As wide as a terminal that nobody has made wider. */
const terminalWidth = 80

/** Words in lines that fit a terminal, the first and the following ones indented. */
const wrap = (text: string, first: string, following: string): string[] => {
  const lines: string[] = []
  let line = first
  for (const word of text.split(' ')) {
    const isBare = line === first || line === following
    if (!isBare && line.length + 1 + word.length > terminalWidth) {
      lines.push(line)
      line = following + word
    } else line += isBare ? word : ` ${word}`
  }
  return [...lines, line]
}

/** Every verb with what follows it and what it does; of a family ("keys") alone when the words begin with one. */
const overview = (entries: readonly CommandEntry[], words: readonly string[]): string => {
  const family = entries.filter(({ verb }) => verb.split(' ')[0] === words[0])
  return [
    "vigil: the operator's tool",
    '',
    ...(family.length > 0 ? family : entries).flatMap(({ verb, usage, summary }) => [
      ...wrap(`vigil ${verb} ${usage}`.trim(), '  ', '          '),
      ...wrap(summary, '      ', '      '),
    ]),
    '',
    'Every verb takes --json (one JSON document on stdout) and --help.',
    'Exit status: 0 fine, 1 a finding or a failure, 2 wrong usage.',
  ].join('\n')
}

const helpOf = async (entry: CommandEntry): Promise<string> => {
  const { options } = await entry.load()
  const names = Object.entries(options ?? {}).map(
    ([name, { type }]) => `--${name}${type === 'string' ? ' VALUE' : ''}`,
  )
  return [
    `vigil ${entry.verb} ${entry.usage}`.trim(),
    `  ${entry.summary}`,
    `  options: ${[...names, '--json', '--help'].join(' ')}`,
  ].join('\n')
}

/** The entry whose words the arguments begin with; the longest, should one begin another. */
const findEntry = (entries: readonly CommandEntry[], words: readonly string[]): CommandEntry | undefined =>
  entries
    .filter(({ verb }) => `${words.join(' ')} `.startsWith(`${verb} `))
    .toSorted((a, b) => b.verb.length - a.verb.length)[0]

/** Text of a failure, fit for a terminal: our own errors speak for themselves, others may quote a value and are only named. */
const failureText = (error: unknown): string => {
  if (error instanceof VigilError) return error.message
  if (!(error instanceof Error)) return 'An unknown failure.'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === '3D000' || code === '28P01' || code === 'ENOENT')
    return `The database is not there or does not let Vigil in (${code}): run "npm start" once, or check the addresses in your settings.`
  return `${error.name}${code === undefined ? '' : ` ${code}`}: the command failed; "vigil doctor" may say more.`
}

const carryOut = async (
  entry: CommandEntry,
  rest: readonly string[],
  settings: () => Env,
  streams: Streams,
  json: boolean,
): Promise<CommandOutput> => {
  const env = settings()
  const { options = {}, run } = await entry.load()
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : 'The arguments cannot be read.')
  }
  return run({
    words: parsed.positionals,
    options: parsed.values,
    env,
    json,
    say: (line) => streams.err(`${line}\n`),
  })
}

/**
 * Carries out one command line.
 * @param settings reads them; called only for a verb that is really carried out, so that --help works with faulty ones
 * @returns the exit status: 0 fine, 1 a finding or a failure, 2 wrong usage
 */
export const runCommandLine = async (
  entries: readonly CommandEntry[],
  commandLine: readonly string[],
  settings: () => Env,
  streams: Streams,
): Promise<0 | 1 | 2> => {
  const wantsJson = commandLine.includes('--json')
  const wantsHelp = commandLine.includes('--help') || commandLine.includes('-h')
  const words = commandLine.filter((word) => !['--json', '--help', '-h'].includes(word))
  const answer = (text: string, json: unknown): void =>
    streams.out(`${wantsJson ? JSON.stringify(json, null, 2) : text}\n`)
  const entry = findEntry(entries, words)
  if (entry === undefined) {
    const fault = words.length === 0 ? undefined : `There is no verb "${words.join(' ')}".`
    const isHelp = wantsHelp && fault === undefined
    const text = [...(fault === undefined ? [] : [fault, '']), overview(entries, words)].join('\n')
    if (wantsJson || isHelp)
      answer(text, { verbs: entries.map(({ verb, usage, summary }) => ({ verb, usage, summary })), fault })
    else streams.err(`${text}\n`)
    return isHelp ? 0 : 2
  }
  if (wantsHelp) {
    const help = await helpOf(entry)
    answer(help, { verb: entry.verb, usage: entry.usage, summary: entry.summary, help })
    return 0
  }
  try {
    const { ok, text, json } = await carryOut(
      entry,
      words.slice(entry.verb.split(' ').length),
      settings,
      streams,
      wantsJson,
    )
    answer(text, json)
    return ok ? 0 : 1
  } catch (error) {
    const isUsage = error instanceof WrongUsage
    const text = isUsage
      ? `${error.message}\nUsage: vigil ${entry.verb} ${entry.usage}`.trim()
      : failureText(error)
    const reference = error instanceof VigilError ? error.reference : undefined
    if (wantsJson) answer('', { error: { message: text, reference } })
    else streams.err(`${text}\n`)
    return isUsage ? 2 : 1
  }
}
