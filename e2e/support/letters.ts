import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { accountOf, type Person } from './people.ts'
import { productHome } from './product.ts'

type Letter = { kind: string; at: string; subject: string; text: string }

/** The letters that the demo kept for somebody, the newest first, as an operator reads them: `vigil demo mail`. */
export async function lettersTo(email: string): Promise<Letter[]> {
  const { stdout } = await promisify(execFile)('node', ['bin/vigil.mjs', 'demo', 'mail', email, '--json'], {
    env: { ...process.env, VIGIL_HOME: productHome },
  })
  return (JSON.parse(stdout) as { letters: Letter[] }).letters
}

/** The path of the link in the newest letter of a kind. */
export async function linkTo(person: Person, kind: string): Promise<string> {
  const letter = (await lettersTo(accountOf(person).email)).find((each) => each.kind === kind)
  const path = /https?:\/\/\S+(\/mail-link\/\S+)/.exec(letter?.text ?? '')?.[1]
  if (path === undefined) throw new Error(`no link in a letter "${kind}" to ${person}`)
  return path
}
