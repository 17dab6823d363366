import 'server-only'
import type { ParseArgsConfig } from 'node:util'
import type { Env } from '#lib/parse-env.ts'

/** What a verb is given: words after its name, its options, the settings, and a way to say how far it is. */
export type CommandInput = {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  /** the settings as the operator gave them: an embedded database has no address here (see databaseUrl) */
  readonly env: Env
  /** whether the answer is wanted as JSON: for a verb whose text is a secret, and must not be made for nothing */
  readonly json?: boolean
  /** A line on stderr for whoever waits; stdout stays for the answer. */
  readonly say: (line: string) => void
}

/** A verb's answer: `text` for people or `json` with --json, and whether all is well (exit 0) or not (exit 1). */
export type CommandOutput = { readonly ok: boolean; readonly text: string; readonly json: unknown }

/** A module in lib/ops that carries out one verb. */
export type CommandModule = {
  readonly options?: NonNullable<ParseArgsConfig['options']>
  readonly run: (input: CommandInput) => Promise<CommandOutput>
}

/** The command was written wrongly: exit 2, with the verb's usage. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}
